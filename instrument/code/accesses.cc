// See accesses.h.
#include "instrument/code/accesses.h"

#include "llvm/Analysis/CaptureTracking.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

namespace csim::instrument {
namespace {

constexpr char kMark[] = "csim";
constexpr char kStateName[] = "csim_state_v1";

// Captures other than by our own hooks.
class EscapeTracker : public llvm::CaptureTracker {
 public:
  void tooManyUses() override { escapes_ = true; }
  bool captured(const llvm::Use* use) override {
    if (IsMarked(*llvm::cast<llvm::Instruction>(use->getUser()))) return false;
    escapes_ = true;
    return true;
  }
  bool escapes() const { return escapes_; }

 private:
  bool escapes_ = false;
};

bool OnlyLoadedAndStored(const llvm::Value* address) {
  for (const llvm::Use& use : address->uses()) {
    const llvm::User* user = use.getUser();
    if (auto* instruction = llvm::dyn_cast<llvm::Instruction>(user)) {
      if (IsMarked(*instruction) && !llvm::isa<llvm::LoadInst, llvm::StoreInst>(instruction))
        continue;
    }
    if (llvm::isa<llvm::LoadInst>(user)) continue;
    if (llvm::isa<llvm::StoreInst>(user) && use.getOperandNo() == 1) continue;
    if (llvm::isa<llvm::GetElementPtrInst>(user) && OnlyLoadedAndStored(user)) continue;
    return false;
  }
  return true;
}

// A static thread_local of this file whose address is never taken.
bool IsOwnThreadLocal(const llvm::Value* object) {
  auto* global = llvm::dyn_cast<llvm::GlobalVariable>(object);
  if (global == nullptr || !global->isThreadLocal() || !global->hasLocalLinkage()) return false;
  for (const llvm::User* user : global->users()) {
    auto* access = llvm::dyn_cast<llvm::IntrinsicInst>(user);
    if (access == nullptr || access->getIntrinsicID() != llvm::Intrinsic::threadlocal_address ||
        !OnlyLoadedAndStored(access)) {
      return false;
    }
  }
  return true;
}

bool IsVtableTag(const llvm::Instruction& instruction) {
  const llvm::MDNode* tag = instruction.getMetadata(llvm::LLVMContext::MD_tbaa);
  return tag != nullptr && tag->isTBAAVtableAccess();
}

// The address of a virtual table, as constructors store it; for code without alias information.
bool IsVtableValue(const llvm::Value* value) {
  const llvm::Value* object = llvm::getUnderlyingObject(value);
  return llvm::isa<llvm::GlobalVariable>(object) && object->getName().starts_with("_ZTV");
}

bool ReadsConstant(const llvm::LoadInst& load) {
  if (load.hasMetadata(llvm::LLVMContext::MD_invariant_load)) return true;
  const llvm::Value* object = llvm::getUnderlyingObject(load.getPointerOperand(), 0);
  if (auto* global = llvm::dyn_cast<llvm::GlobalVariable>(object)) return global->isConstant();
  auto* table = llvm::dyn_cast<llvm::LoadInst>(object);
  return table != nullptr && IsVtableTag(*table);
}

bool IsSkippedAddress(const llvm::Value* address, FrameAnalysis& frame) {
  if (address->getType()->getPointerAddressSpace() != 0 || address->isSwiftError()) return true;
  return IsOurState(address) || frame.IsPrivate(address);
}

uint32_t StoreSize(const llvm::Instruction& at, llvm::Type* type) {
  const llvm::TypeSize size = at.getModule()->getDataLayout().getTypeStoreSize(type);
  return size.isScalable() ? 0 : static_cast<uint32_t>(size.getFixedValue());
}

void AddPlain(llvm::Instruction& instruction, llvm::Value* address, llvm::Type* type,
              llvm::Align align, llvm::Value* stored, std::vector<Access>& out) {
  Access access;
  access.instruction = &instruction;
  access.address = address;
  access.writes = stored != nullptr;
  access.size = StoreSize(instruction, type);
  access.aligned = align.value() >= access.size;
  if (access.size == 0) return;
  const bool pointer = type->isPointerTy() && access.size == 8;
  if (pointer && (IsVtableTag(instruction) || (stored != nullptr && IsVtableValue(stored)))) {
    access.kind = AccessKind::kVtable;
    access.stored = stored;
  }
  out.push_back(access);
}

void AddAtomic(llvm::Instruction& instruction, llvm::Value* address, llvm::Type* type, bool writes,
               std::vector<Access>& out) {
  Access access;
  access.instruction = &instruction;
  access.kind = AccessKind::kAtomic;
  access.address = address;
  access.writes = writes;
  access.size = StoreSize(instruction, type);
  out.push_back(access);
}

void AddRange(llvm::Instruction& instruction, llvm::Value* address, llvm::Value* length,
              uint32_t size, bool writes, FrameAnalysis& frame, std::vector<Access>& out) {
  if (IsSkippedAddress(address, frame)) return;
  if (auto* known = llvm::dyn_cast_or_null<llvm::ConstantInt>(length); known && known->isZero())
    return;
  Access access;
  access.instruction = &instruction;
  access.kind = AccessKind::kRange;
  access.address = address;
  access.length = length;
  access.size = size;
  access.writes = writes;
  out.push_back(access);
}

bool IsRealAtomic(const llvm::Instruction& instruction, llvm::AtomicOrdering order,
                  llvm::SyncScope::ID scope) {
  return llvm::isStrongerThanUnordered(order) && scope != llvm::SyncScope::SingleThread &&
         instruction.isAtomic();
}

void FindInLoad(llvm::LoadInst& load, FrameAnalysis& frame, std::vector<Access>& out) {
  llvm::Value* address = load.getPointerOperand();
  if (IsSkippedAddress(address, frame) || ReadsConstant(load)) return;
  if (IsRealAtomic(load, load.getOrdering(), load.getSyncScopeID())) {
    AddAtomic(load, address, load.getType(), false, out);
  } else {
    AddPlain(load, address, load.getType(), load.getAlign(), nullptr, out);
  }
}

void FindInStore(llvm::StoreInst& store, FrameAnalysis& frame, std::vector<Access>& out) {
  llvm::Value* address = store.getPointerOperand();
  if (IsSkippedAddress(address, frame)) return;
  llvm::Value* value = store.getValueOperand();
  if (IsRealAtomic(store, store.getOrdering(), store.getSyncScopeID())) {
    AddAtomic(store, address, value->getType(), true, out);
  } else {
    AddPlain(store, address, value->getType(), store.getAlign(), value, out);
  }
}

bool IsConstantMemory(const llvm::Value* address) {
  auto* global = llvm::dyn_cast<llvm::GlobalVariable>(llvm::getUnderlyingObject(address, 0));
  return global != nullptr && global->isConstant();
}

// Arguments passed `byval` are copied by the caller.
void FindInCall(llvm::CallBase& call, FrameAnalysis& frame, std::vector<Access>& out) {
  if (auto* transfer = llvm::dyn_cast<llvm::AnyMemTransferInst>(&call)) {
    if (!IsConstantMemory(transfer->getRawSource())) {
      AddRange(call, transfer->getRawSource(), transfer->getLength(), 0, false, frame, out);
    }
    AddRange(call, transfer->getRawDest(), transfer->getLength(), 0, true, frame, out);
    return;
  }
  if (auto* set = llvm::dyn_cast<llvm::AnyMemSetInst>(&call)) {
    AddRange(call, set->getRawDest(), set->getLength(), 0, true, frame, out);
    return;
  }
  for (unsigned i = 0; i < call.arg_size(); ++i) {
    if (!call.isByValArgument(i) || IsConstantMemory(call.getArgOperand(i))) continue;
    const uint32_t size = StoreSize(call, call.getParamByValType(i));
    if (size != 0) AddRange(call, call.getArgOperand(i), nullptr, size, false, frame, out);
  }
  if (std::optional<AtomicLibraryCall> library = AsAtomicLibraryCall(call)) {
    if (IsSkippedAddress(library->address, frame)) return;
    Access access;
    access.instruction = &call;
    access.kind = AccessKind::kAtomic;
    access.address = library->address;
    access.size = library->known_size;
    access.writes = true;
    out.push_back(access);
  }
}

}  // namespace

bool FrameAnalysis::Escapes(const llvm::Value* object) {
  auto [it, is_new] = escapes_.try_emplace(object, true);
  if (is_new) {
    EscapeTracker tracker;
    llvm::PointerMayBeCaptured(object, &tracker, 200);
    it->second = tracker.escapes();
  }
  return it->second;
}

bool FrameAnalysis::IsPrivate(const llvm::Value* address) {
  const llvm::Value* object = llvm::getUnderlyingObject(address, 0);
  if (llvm::isa<llvm::AllocaInst>(object)) return !Escapes(object);
  if (auto* argument = llvm::dyn_cast<llvm::Argument>(object)) {
    return argument->hasByValAttr() && !Escapes(object);
  }
  return IsOwnThreadLocal(object);
}

void FindAccesses(llvm::Instruction& instruction, FrameAnalysis& frame, std::vector<Access>& out) {
  if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction)) {
    FindInLoad(*load, frame, out);
  } else if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction)) {
    FindInStore(*store, frame, out);
  } else if (auto* rmw = llvm::dyn_cast<llvm::AtomicRMWInst>(&instruction)) {
    if (IsSkippedAddress(rmw->getPointerOperand(), frame)) return;
    AddAtomic(*rmw, rmw->getPointerOperand(), rmw->getType(), true, out);
  } else if (auto* cas = llvm::dyn_cast<llvm::AtomicCmpXchgInst>(&instruction)) {
    if (IsSkippedAddress(cas->getPointerOperand(), frame)) return;
    AddAtomic(*cas, cas->getPointerOperand(), cas->getNewValOperand()->getType(), true, out);
  } else if (auto* fence = llvm::dyn_cast<llvm::FenceInst>(&instruction)) {
    if (fence->getSyncScopeID() == llvm::SyncScope::SingleThread) return;
    Access access;
    access.instruction = fence;
    access.kind = AccessKind::kFence;
    out.push_back(access);
  } else if (auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction)) {
    FindInCall(*call, frame, out);
  }
}

void MarkDone(llvm::Instruction& instruction) {
  instruction.setMetadata(kMark, llvm::MDNode::get(instruction.getContext(), {}));
}

bool IsMarked(const llvm::Instruction& instruction) { return instruction.hasMetadata(kMark); }

bool IsOurState(const llvm::Value* address) {
  const llvm::Value* object = llvm::getUnderlyingObject(address, 0);
  if (auto* load = llvm::dyn_cast<llvm::LoadInst>(object)) {
    object = llvm::getUnderlyingObject(load->getPointerOperand(), 0);
  }
  auto* global = llvm::dyn_cast<llvm::GlobalVariable>(object);
  return global != nullptr && global->getName() == kStateName;
}

}  // namespace csim::instrument
