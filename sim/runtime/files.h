// Real files: what executions do to them must not be there for the next one.
//
// Files that an execution makes are removed when it is over; those that were there before and are changed
// are named in the verdict. Making, removing and moving files, and reading and writing them, are
// operations on their names and contents, once there is more than one task.
#ifndef CSIM_SIM_RUNTIME_FILES_H_
#define CSIM_SIM_RUNTIME_FILES_H_

#include <sys/types.h>

#include <cstddef>

namespace csim {

// All: as the system calls, with a negative errno. REQUIRES: program code runs under the gate.

// `flags` and `mode` as of openat.
long OpenFileAt(int directory, const char* path, int flags, mode_t mode);
// To be called just before something else opens the file with these flags.
void NoteOpening(int directory, const char* path, int flags);

// A system call that makes `path`, relative to `directory`, if it succeeds.
long MakeFileAt(int directory, const char* path, long (*call)(void*), void* context);
// One that removes it.
long RemoveFileAt(int directory, const char* path, long (*call)(void*), void* context);
long RenameFile(int from_directory, const char* from, int to_directory, const char* to,
                unsigned flags);
// One that looks whether it is there, and what it is.
long LookAtFile(int directory, const char* path, long (*call)(void*), void* context);

// A call that reads or writes the content of the real file behind `fd`.
long ReadContent(int fd, long (*call)(void*), void* context);
long WriteContent(int fd, long (*call)(void*), void* context);

template <typename Call>
long CallOf(void* call) {
  return (*static_cast<Call*>(call))();
}

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_FILES_H_
