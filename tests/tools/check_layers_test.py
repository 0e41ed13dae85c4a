import tomllib
import unittest

import support
import check_layers

TABLE = """
[[room]]
folder = "src/front"
may_include = ["back", "back/core"]
third_party = ["CLI/"]

[[room]]
folder = "src/back"
may_include = ["back/core"]
third_party = ["boost/json"]

[[room]]
folder = "src/back/core"
pure = true

[[room]]
folder = "pretend"
may_include = ["back"]
third_party = ["libxml/"]

[vocabulary]
third_party = ["fmt/"]

[system]
plain = ["string.h"]
operating = ["sys/", "unistd.h"]
effects = ["thread"]
"""


class CheckLayers(support.TreeTest):
    def check(self, table=TABLE):
        return check_layers.check(self.root, tomllib.loads(table))

    def test_accepts_what_the_table_allows(self):
        self.write("src/front/a.cpp", '#include <CLI/CLI.hpp>\n#include <vector>\n#include "back/core/c.h"\n#include "front/a.h"\n')
        self.write("src/back/b.cpp", '#include <boost/json.hpp>\n#include <boost/json/value.hpp>\n#include <sys/stat.h>\n')
        self.write("src/back/core/c.cpp", "#include <fmt/format.h>\n#include <string.h>\n")
        self.write("pretend/p.cpp", '#include <libxml/tree.h>\n#include "back/b.h"\n#include "pretend/p.h"\n')
        self.assert_found(self.check())

    def test_refuses_an_include_that_points_up(self):
        self.write("src/back/b.cpp", '#include <string>\n\n#include "front/a.h"\n')
        self.assert_found(self.check(), ("src/back/b.cpp", 3, "back/ may not include front/"))

    def test_a_nested_room_is_not_its_parent(self):
        self.write("src/back/core/c.h", '#include "back/b.h"\n')
        self.assert_found(self.check(), ("src/back/core/c.h", 1, "back/core/ may not include back/"))

    def test_no_room_includes_a_program_beside_src(self):
        self.write("src/front/a.cpp", '#include "pretend/p.h"\n')
        self.assert_found(self.check(), ("src/front/a.cpp", 1, "is in no room"))

    def test_third_party_headers_stay_in_their_room(self):
        self.write("src/front/a.cpp", "#include <boost/json.hpp>\n")
        self.write("src/back/b.cpp", "#include <libxml/tree.h>\n")
        self.assert_found(
            self.check(),
            ("src/back/b.cpp", 1, "only in pretend/"),
            ("src/front/a.cpp", 1, "only in back/"),
        )

    def test_refuses_headers_that_nobody_listed(self):
        self.write("src/front/a.cpp", '#include <lua.h>\n#include <boost/regex.hpp>\n#include "nowhere.h"\n')
        self.assert_found(
            self.check(),
            ("src/front/a.cpp", 1, "in no list"),
            ("src/front/a.cpp", 2, "in no list"),
            ("src/front/a.cpp", 3, "in no room"),
        )

    def test_pure_rooms_do_not_reach_the_system(self):
        self.write("src/back/core/c.cpp", "#include <unistd.h>\n#include <thread>\n#include <chrono>\n")
        self.assert_found(
            self.check(), ("src/back/core/c.cpp", 1, "is pure"), ("src/back/core/c.cpp", 2, "is pure")
        )

    def test_a_file_outside_every_room_is_found(self):
        self.write("src/lost.cpp", "")
        self.assert_found(self.check(), ("src/lost.cpp", 1, "no room"))

    def test_includes_in_comments_do_not_count(self):
        self.write("src/back/b.cpp", '// #include "front/a.h"\n/*\n#include "front/a.h"\n*/\n')
        self.assert_found(self.check())

    def test_spaces_do_not_hide_an_include(self):
        self.write("src/back/b.cpp", '  #  include"front/a.h"\n')
        self.assert_found(self.check(), ("src/back/b.cpp", 1, "may not include"))

    def test_exceptions_need_a_reason_and_a_use(self):
        exception = '\n[[exception]]\nfile = "src/back/b.cpp"\ninclude = "front/a.h"\n'
        with self.assertRaises(check_layers.TableError):
            self.check(TABLE + exception)
        self.write("src/back/b.cpp", '#include "front/a.h"\n')
        self.assert_found(self.check(TABLE + exception + 'reason = "why"\n'))
        self.write("src/back/b.cpp", "")
        self.assert_found(
            self.check(TABLE + exception + 'reason = "why"\n'), ("tools/layers.toml", 1, "not needed")
        )

    def test_the_table_itself_points_down(self):
        with self.assertRaises(check_layers.TableError):
            self.check('[[room]]\nfolder = "src/a"\n[[room]]\nfolder = "src/b"\nmay_include = ["a"]\n')
        with self.assertRaises(check_layers.TableError):
            self.check('[[room]]\nfolder = "src/a"\nmay_include = ["c"]\n')


if __name__ == "__main__":
    unittest.main()
