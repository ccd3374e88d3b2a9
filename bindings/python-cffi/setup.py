# SPDX-License-Identifier: Apache-2.0
"""Only what pyproject.toml cannot say: the extension that build_ffi.py describes."""
from setuptools import setup

setup(
    cffi_modules=["build_ffi.py:ffi"],
    options={"bdist_wheel": {"py_limited_api": "cp39"}},
)
