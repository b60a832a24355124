// The system calls on descriptors, simulated or real: one function per call, with its parameters. They
// give what the kernel would give: a value, or a negative errno.
//
// They may be scheduling points. What they read and write of the program's memory is checked for races.
// REQUIRES, all: program code runs under the gate.
#ifndef CSIM_SIM_RUNTIME_DESCRIPTORS_CALLS_H_
#define CSIM_SIM_RUNTIME_DESCRIPTORS_CALLS_H_

#include <sys/uio.h>

#include <cstddef>

#include "sim/runtime/descriptors/descriptors.h"

namespace csim {

long SysPipe2(int* ends, int flags);
long SysRead(int fd, void* buffer, size_t size);
long SysReadv(int fd, const iovec* parts, int count);
long SysWrite(int fd, const void* data, size_t size);
long SysWritev(int fd, const iovec* parts, int count);

// As SysWrite, of memory that is not the program's.
long WriteOwn(int fd, const char* data, size_t size);

// ---- For the calls of other kinds of descriptors ----

// What a read of up to `size` bytes of this channel gives.
long ReadChannel(OpenFile file, void* buffer, size_t size);
long WriteChannel(OpenFile file, const char* data, size_t size, bool signals);

// The call reads or writes the program's memory.
void NoteReads(const void* memory, size_t size);
void NoteWrites(void* memory, size_t size);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_DESCRIPTORS_CALLS_H_
