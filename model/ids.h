// Strong identifiers of the things an execution is made of.
//
// All of them are small dense integers, valid within one execution (SiteId and StackId: for one
// build of the program), the same on every machine: addresses never serve as names.
#ifndef CSIM_MODEL_IDS_H_
#define CSIM_MODEL_IDS_H_

#include <cstdint>

namespace csim {

// A task: one thread of one process. `main` is 0, the others count in order of creation.
enum class TaskId : uint16_t {};
inline constexpr TaskId kMainTask{0};
inline constexpr TaskId kNoTask{0xffff};

// A process of the program: 0 is the one that was started, the others count in order of forking.
enum class ProcessId : uint16_t {};
inline constexpr ProcessId kMainProcess{0};
inline constexpr ProcessId kNoProcess{0xffff};

// A lock, a condition variable, an atomic, a stream, ... in order of first use.
enum class ObjectId : uint32_t {};
inline constexpr ObjectId kNoObject{0xffffffff};

// A row of the program's site table, counted from 1; 0 is "not known".
enum class SiteId : uint32_t {};
inline constexpr SiteId kNoSite{0};

// A node of the calling-context tree, that is, a whole call stack; 0 is the empty stack.
enum class StackId : uint32_t {};
inline constexpr StackId kNoStack{0};

constexpr uint32_t Index(TaskId id) { return static_cast<uint32_t>(id); }
constexpr uint32_t Index(ProcessId id) { return static_cast<uint32_t>(id); }
constexpr uint32_t Index(ObjectId id) { return static_cast<uint32_t>(id); }
constexpr uint32_t Index(SiteId id) { return static_cast<uint32_t>(id); }
constexpr uint32_t Index(StackId id) { return static_cast<uint32_t>(id); }

}  // namespace csim

#endif  // CSIM_MODEL_IDS_H_
