// The steps between fork and exec.
#pragma once

#include "base/descriptor.h"
#include "base/processes.h"

namespace ponte {

struct StartedProcess {
  int pid;
  Descriptor pid_descriptor;
  Descriptor output;  // the reading end of standard output and error
};

// Returns when exec has succeeded. Throws CannotStartProcess.
StartedProcess start_process(const ProcessOptions& options);

}  // namespace ponte
