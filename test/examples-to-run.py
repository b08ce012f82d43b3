#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only

# Read by an ns-3 tree's test.py, and line by line by test/CMakeLists.txt: one tuple a line.
#
# (command with arguments, run it by default, run it under valgrind)
cpp_examples = [
]

# (script, run it by default)
python_examples = []
