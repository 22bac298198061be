// ponte: from any format of neural networks to any other, with proof.
//
//   commands.cpp        the list of subcommands; each one is a file named like it
//   command.h           the tables of flags that everything below is made from
//   run.cpp             reads the command line, runs the subcommand, answers for errors
//   configuration.cpp   $PONTE_*, ponte.toml, the user's config.toml
//   help.cpp            -h and --help
#include <malloc.h>

#include <vector>

#include "cli/run.h"

int main(int argc, char** argv) {
  // The judge makes and drops large arrays with every node. By default each goes back to the kernel
  // and is cleared anew, page by page.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  return ponte::cli::run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
