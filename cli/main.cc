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

#if __has_feature(address_sanitizer)
// Clang does not free what it knows of a template argument deduction that failed, and its frames are lost below
// LLVM's allocation.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:llvm::SmallVectorBase\n"; }
#endif

int main(int argc, char** argv) {
  FillStandardDescriptors();
  return csim::RunCommand(argc, argv);
}
