// The functions of libatomic, which clang calls for atomics too big for the processor.
//
//   T __atomic_load_16(T* p, int order)                       void __atomic_load(n, p, T* out,
//   order) void __atomic_store_16(T* p, T v, int order)              void __atomic_store(n, p, T*
//   v, order) T __atomic_exchange_16(T* p, T v, int order)              void __atomic_exchange(n,
//   p, v, out, order) bool __atomic_compare_exchange_16(p, e, v, order, fail)   (n, p, e, v, order,
//   fail) T __atomic_fetch_add_16(T* p, T v, int order)
#include <cstdlib>

#include "instrument/code/accesses.h"
#include "llvm/ADT/StringSwitch.h"
#include "sim/abi/csim_abi.h"

namespace csim::instrument {
namespace {

constexpr int kNone = -1;

int WhatOf(llvm::StringRef operation) {
  return llvm::StringSwitch<int>(operation)
      .Case("load", CSIM_ATOMIC_LOAD)
      .Case("store", CSIM_ATOMIC_STORE)
      .Case("compare_exchange", CSIM_ATOMIC_CAS)
      .Cases("exchange", "fetch_add", "fetch_sub", "fetch_and", "fetch_or", CSIM_ATOMIC_RMW)
      .Cases("fetch_xor", "fetch_nand", "add_fetch", "sub_fetch", CSIM_ATOMIC_RMW)
      .Default(kNone);
}

}  // namespace

std::optional<AtomicLibraryCall> AsAtomicLibraryCall(const llvm::CallBase& call) {
  const llvm::Function* callee = call.getCalledFunction();
  if (callee == nullptr) return std::nullopt;
  llvm::StringRef name = callee->getName();
  if (!name.consume_front("__atomic_")) return std::nullopt;
  AtomicLibraryCall result;
  auto [operation, digits] = name.rsplit('_');
  const bool sized = !digits.getAsInteger(10, result.known_size);
  result.what = WhatOf(sized ? operation : name);
  const unsigned orders = result.what == CSIM_ATOMIC_CAS ? 2 : 1;
  const unsigned first = sized ? 0 : 1;
  if (result.what == kNone || call.arg_size() < first + 1 + orders) return std::nullopt;
  if (!sized) result.size = call.getArgOperand(0);
  result.address = call.getArgOperand(first);
  if (!result.address->getType()->isPointerTy()) return std::nullopt;
  result.order = call.getArgOperand(call.arg_size() - orders);
  if (orders == 2) result.failure_order = call.getArgOperand(call.arg_size() - 1);
  return result;
}

}  // namespace csim::instrument
