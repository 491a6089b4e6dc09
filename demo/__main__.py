"""python -m rxdux.demo"""

from .start import main

if __name__ == "__main__":
    main()
