// What all entry points need: operations on objects of the program's memory, deadlines, cancellation.
#ifndef CSIM_SIM_RUNTIME_INTERPOSE_COMMON_H_
#define CSIM_SIM_RUNTIME_INTERPOSE_COMMON_H_

#include <time.h>

#include <cstdint>

#include "model/operation.h"
#include "sim/runtime/gate.h"
#include "sim/runtime/real.h"
#include "sim/runtime/runtime.h"

namespace csim {

// Virtual time starts here: 2026-01-01 00:00:00 UTC, for all clocks that count from the epoch.
inline constexpr uint64_t kEpochNanoseconds = uint64_t{1767225600} * 1'000'000'000;
// CLOCK_MONOTONIC and friends start at one hour after boot.
inline constexpr uint64_t kBootNanoseconds = uint64_t{3600} * 1'000'000'000;

// Performs an operation of `kind` on `object`.
OpResult Do(OpKind kind, ObjectId object, uint64_t argument = 0);
// The same, with a deadline in virtual nanoseconds.
OpResult DoTimed(OpKind kind, ObjectId object, uint64_t deadline, uint64_t argument = 0);
// Performs an operation that is a cancellation point; does not return if the task is cancelled there. `argument`:
// as for PerformLate.
OpResult DoCancelable(Operation operation, uint64_t (*argument)(void*) = nullptr,
                      void* context = nullptr);
// The same for a poll: `look(context)` is called as soon as it has been performed without error, before anybody else can
// change what it finds, and says whether it has found something. It may be called again.
OpResult DoPoll(const Operation& operation, bool (*look)(void*), void* context);
// Ends the running task as cancelled if somebody asked for that and it is allowed.
void CheckCancelled();

// A time of `clock` in virtual nanoseconds since the start of the execution; 0 if it has passed.
// `time` null: no deadline.
uint64_t DeadlineOf(clockid_t clock, const timespec* time);
// False for a time that POSIX calls invalid (EINVAL).
bool ValidTime(const timespec* time);

// The object at `address`, for objects that keep our number in their own memory at `stamp`.
ObjectId StampedObject(void* address, uint32_t* stamp, ObjectKind kind, bool* is_new);
// The memory is initialised anew: what was there before is forgotten. Misuse if that was in use.
void ForgetObject(void* address, ObjectKind kind);
// Destruction: performs kDestroy; the result for the caller.
int DestroyObject(void* address, uint32_t* stamp, ObjectKind kind);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_INTERPOSE_COMMON_H_
