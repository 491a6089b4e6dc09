"""python -m rxdux.demo"""

from .cli import main

main()
