"""Runs the demo: `python demo_app.py`, or `python demo_app.py --script` without a screen."""

from rxdux.demo.start import main

if __name__ == "__main__":
    main()
