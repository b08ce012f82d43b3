# -*- Mode: python; py-indent-offset: 4; indent-tabs-mode: nil; coding: utf-8; -*-
# SPDX-License-Identifier: GPL-2.0-only
#
# For ns-3 3.30 to 3.35 (waf), as contrib/fanout-tree. Reads cmake/sources.txt, as CMake does.

import os

from waflib import Logs

NAME = 'fanout-tree'


def read_sources(root):
    """Returns {kind: [path, ...]} of cmake/sources.txt, checked to exist."""
    kinds = dict((kind, []) for kind in
                 ('ns3', 'core', 'module', 'suite', 'unit', 'runner', 'fuzz', 'bench',
                  'measure', 'example', 'needs'))
    with open(os.path.join(root, 'cmake', 'sources.txt')) as lines:
        for line in lines:
            words = line.split()
            if not words or words[0].startswith('#'):
                continue
            if words[0] not in kinds:
                raise ValueError('cmake/sources.txt: unknown kind %s; allowed: %s'
                                 % (words[0], ', '.join(sorted(kinds))))
            if words[0] in ('example', 'needs'):
                continue  # examples/wscript reads those
            for path in words[1:]:
                if words[0] != 'ns3' and not os.path.exists(os.path.join(root, path)):
                    raise ValueError('cmake/sources.txt names %s, which does not exist' % path)
            kinds[words[0]] += words[1:]
    return kinds


def files(kinds, names, ending):
    """All paths of these kinds with that ending, in the list's order."""
    return [path for name in names for path in kinds[name] if path.endswith(ending)]


def skip(conf, reason):
    conf.report_optional_feature(NAME, 'Overlay multicast trees (fanout-tree)', False, reason)
    Logs.warn('Skipping the module %s: %s' % (NAME, reason))
    conf.env.append_value('MODULES_NOT_BUILT', NAME)


def configure(conf):
    if not conf.check_cxx(fragment='#include <optional>\n'
                                   'static_assert(__cplusplus >= 201703L, "C++17");\n'
                                   'int main() { return std::optional<int>(0).value(); }\n',
                          msg='Checking for C++17 (fanout-tree)', mandatory=False):
        return skip(conf, 'it needs C++17, which ns-3 uses since 3.35; '
                          'before that configure with --cxx-standard=-std=c++17')
    missing = []
    if not conf.check_cxx(header_name='sodium.h', lib='sodium', uselib_store='SODIUM',
                          mandatory=False):
        missing.append('libsodium-dev')
    if not conf.check_cxx(header_name='boost/histogram.hpp', mandatory=False):
        missing.append('libboost-dev')
    if not conf.check_cxx(header_name='nlohmann/json.hpp', mandatory=False):
        missing.append('nlohmann-json3-dev')
    if missing:
        return skip(conf, 'it needs the packages: ' + ' '.join(missing))
    conf.report_optional_feature(NAME, 'Overlay multicast trees (fanout-tree)', True, '')


def build(bld):
    if NAME in bld.env['MODULES_NOT_BUILT']:
        return
    root = bld.path.abspath()
    kinds = read_sources(root)

    module = bld.create_ns3_module(NAME, kinds['ns3'])
    module.source = files(kinds, ('core', 'module'), '.cc')
    module.use.append('SODIUM')

    module_test = bld.create_ns3_module_test_library(NAME)
    module_test.source = files(kinds, ('suite',), '.cc')
    module_test.env.append_value('DEFINES',
                                 'FANOUT_TEST_VECTORS="%s"' % os.path.join(root, 'test', 'vectors'))

    headers = bld(features='ns3header')
    headers.module = NAME
    headers.source = files(kinds, ('core', 'module'), '.h')

    if bld.env['ENABLE_EXAMPLES']:
        bld.recurse('examples')
