// The csim command.
#include <fcntl.h>

#include "cli/commands.h"

namespace {

// The number of a closed standard stream would go to the next file that csim opens: it gets one
// that cannot be written to instead.
void FillStandardDescriptors() {
  for (int fd = 0; fd < 3; ++fd) {
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0) return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  FillStandardDescriptors();
  return csim::RunCommand(argc, argv);
}
