#include "sim/runtime/output.h"

#include <stdio.h>
#include <stdio_ext.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "sim/runtime/gate.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/real.h"
#include "sim/runtime/runtime.h"

namespace csim {

namespace {

void Append(const char* text, size_t size) {
  Execution& execution = g_runtime.execution();
  execution.written += size;
  const size_t room = kMaxOutput - execution.output_size;
  size = std::min(size, room);
  memcpy(g_runtime.mapping->output + execution.output_size, text, size);
  execution.output_size += static_cast<uint32_t>(size);
}

}  // namespace

void WriteOutput(int stream, const char* text, size_t size) {
  Operation operation;
  operation.kind = OpKind::kOutput;
  bool is_new = false;
  // Both streams are captured as one text, so their order matters too: one object.
  operation.object =
      g_runtime.objects().Find(1, ObjectKind::kStream, g_runtime.CallSite(), &is_new);
  operation.argument = static_cast<uint64_t>(stream);
  Perform(operation);
  Append(text, size);
}

void TakeStrayOutput() {
  if (g_runtime.execution().outcome == Outcome::kCompleted && __fpending(stdout) > 0) {
    InternalScope internal;
    CSIM_REAL(fflush)(stdout);
  }
  const int fd = OutputDescriptor();
  const long size = RawSyscall(SYS_lseek, fd, 0, SEEK_CUR);
  if (size <= 0) return;
  char buffer[4096];
  RawSyscall(SYS_lseek, fd, 0, SEEK_SET);
  for (;;) {
    const long n = RawSyscall(SYS_read, fd, buffer, sizeof buffer);
    if (n <= 0) break;
    Append(buffer, static_cast<size_t>(n));
  }
  RawSyscall(SYS_ftruncate, fd, 0);
  RawSyscall(SYS_lseek, fd, 0, SEEK_SET);
}

}  // namespace csim
