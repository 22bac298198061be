"""The checks of tools/ find what they are there to find, in small repositories made here."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"

ARCHITECTURE = """
| module | what it is | sees |
|---|---|---|
| `base` | errors | |
| `ir` | graph | base |
| `formats/shared` | shared | ir |
| `formats/onnx` | ONNX | formats/shared |
| `formats/caffe` | Caffe | formats/shared |
| `convert` | all formats | formats/onnx, formats/caffe |
| `lab` | measuring | base |

| library | include | only in | why |
|---|---|---|---|
| fmt | `fmt/` | | text |
| protozero | `protozero/` | formats/onnx, formats/caffe | protobuf |
"""

GOOD = {
    "ARCHITECTURE.md": ARCHITECTURE,
    "src/base/error.h": "#include <string>\n#include <sys/mman.h>\n#include <fmt/format.h>\n",
    "src/ir/graph.h": '#include "base/error.h"\n',
    "src/formats/shared/table.h": '#include "ir/graph.h"\n',
    "src/formats/onnx/read.cpp": '#include <protozero/pbf_reader.hpp>\n#include "base/error.h"\n',
    "src/formats/onnx/read.h": '#include "formats/shared/table.h"\n',
    "src/formats/caffe/read.h": '#include "formats/shared/table.h"\n',
    "src/convert/convert.h": '#include "formats/onnx/read.h"\n#include "ir/graph.h"\n',
    "src/lab/measure.h": '#include "base/error.h"\n',
}


class CheckTest(unittest.TestCase):
    def run_check(self, check, files, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content)
                if name.startswith("bin/"):
                    path.chmod(0o755)
            words = [argument.replace("ROOT", folder) for argument in arguments]
            environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(pathlib.Path(folder).parent)}
            return subprocess.run([sys.executable, str(TOOLS / check), "--root", folder, *words], capture_output=True, text=True,
                                  env=environment, check=False)

    def assert_clean(self, result):
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def assert_found(self, result, *messages):
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        for message in messages:
            self.assertIn(message, result.stdout + result.stderr)


class DependenciesTest(CheckTest):
    def check(self, changes=None):
        return self.run_check("check_dependencies", {**GOOD, **(changes or {})})

    def test_arrows_are_transitive(self):
        self.assert_clean(self.check())

    def test_an_include_against_the_order_is_found_with_its_line(self):
        self.assert_found(self.check({"src/base/error.h": '#include <string>\n\n#include "ir/graph.h"\n'}),
                          "src/base/error.h:3: `base` does not see `ir`")

    def test_a_format_does_not_see_another(self):
        self.assert_found(self.check({"src/formats/caffe/read.h": '#include "formats/onnx/read.h"\n'}),
                          "`formats/caffe` does not see `formats/onnx`")

    def test_what_formats_share_sees_no_format(self):
        self.assert_found(self.check({"src/formats/shared/table.h": '#include "formats/onnx/read.h"\n'}),
                          "`formats/shared` does not see `formats/onnx`")

    def test_lab_does_not_see_convert(self):
        self.assert_found(self.check({"src/lab/measure.h": '#include "convert/convert.h"\n'}), "`lab` does not see `convert`")

    def test_a_serialisation_library_stays_in_its_folders(self):
        self.assert_found(self.check({"src/formats/shared/table.h": "#include <protozero/types.hpp>\n"}),
                          "belongs to formats/onnx, formats/caffe alone")

    def test_a_library_without_a_row_is_found(self):
        self.assert_found(self.check({"src/base/error.h": "#include <boost/any.hpp>\n"}), "<boost/any.hpp> is of no library")

    def test_a_folder_without_a_row_is_found(self):
        self.assert_found(self.check({"src/extra/a.cpp": "\n"}), "src/extra/a.cpp: its folder has no row")

    def test_a_row_without_a_folder_is_found(self):
        self.assert_found(self.check({"ARCHITECTURE.md": ARCHITECTURE.replace("| `lab`", "| `advise` | advice | base |\n| `lab`")}),
                          "`advise` has a row and no source")

    def test_an_include_that_is_not_relative_to_src_is_found(self):
        self.assert_found(self.check({"src/ir/graph.h": '#include "graph_parts.h"\n'}), '"graph_parts.h" is no file of src/')

    def test_a_cycle_between_rows_is_found(self):
        self.assert_found(self.check({"ARCHITECTURE.md": ARCHITECTURE.replace("| errors | |", "| errors | lab |")}), "a cycle")


class WordsTest(CheckTest):
    def check(self, line):
        return self.run_check("check_words", {"src/a.cpp": f"int a;\n{line}\n"})

    def test_ordinary_text_passes(self):
        self.assert_clean(self.check("// see build/tmp/a, ~/work/b and https://example.org/home/page; a todo-list"))

    def test_marks_of_unfinished_work_are_found(self):
        self.assert_found(self.check("// TO" + "DO: the rest"), "src/a.cpp:2", "unfinished")

    def test_paths_of_one_machine_are_found(self):
        for folder in ("wo" + "rk/main", "tm" + "p/out.txt"):
            self.assert_found(self.check(f'open("/{folder}")'), "src/a.cpp:2", "path of one machine")

    def test_hosts_of_registries_are_found(self):
        self.assert_found(self.check("https://py" + "pi.org/simple"), "src/a.cpp:2", "registry")


class DocumentsTest(CheckTest):
    def check(self, text, **files):
        return self.run_check("check_documents", {"README.md": text, "Makefile": "all test: setup\n\tdo\nsetup:\n", "src/a.cpp": "",
                                                  "examples/a.txt": "here\n", "bin/ponte": "#!/bin/sh\nexit $1\n", **files},
                              "--bin", "ROOT/bin")

    def test_links_paths_and_targets_that_exist_pass(self):
        self.assert_clean(self.check("# A b\n[a](src/a.cpp) [b](#a-b) `src/a.cpp` `make test`, `src/<format>/read.cpp`\n"))

    def test_a_link_that_leads_nowhere_is_found(self):
        self.assert_found(self.check("\n[a](src/b.cpp)\n"), "README.md:2", "`src/b.cpp` leads nowhere")

    def test_a_heading_that_is_not_there_is_found(self):
        self.assert_found(self.check("# A\n[a](#b)\n"), "README.md:2", "heading that is not there")

    def test_a_path_that_does_not_exist_is_found(self):
        self.assert_found(self.check("see `src/b.cpp`\n"), "`src/b.cpp` does not exist")

    def test_a_make_target_that_does_not_exist_is_found(self):
        self.assert_found(self.check("```sh\nmake fast\n```\n"), "`make fast` is no target")

    def test_commands_are_run_in_a_scratch_folder(self):
        self.assert_clean(self.check("```sh run\nponte 0\ncat examples/a.txt > b\n```\n"))

    def test_a_command_that_fails_is_found(self):
        self.assert_found(self.check("\n```sh run\nponte 3\ntrue\n```\n"), "README.md:2", "ended with 3")

    def test_a_block_that_is_not_marked_is_not_run(self):
        self.assert_clean(self.check("```sh\nponte 3\n```\n"))


if __name__ == "__main__":
    unittest.main()
