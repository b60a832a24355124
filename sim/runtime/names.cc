#include "sim/runtime/names.h"

#include "sim/runtime/gate.h"
#include "sim/runtime/runtime.h"

namespace csim {

namespace {

uint64_t Mix(uint64_t a, uint64_t b) {
  const uint64_t x = (a ^ b) * 0x9e3779b97f4a7c15u;
  return x ^ x >> 29;
}

uint64_t HashText(uint64_t hash, const char* text) {
  for (; *text != 0; ++text) hash = Mix(hash, static_cast<unsigned char>(*text) + 1);
  return hash;
}

struct Late {
  NameWork work;
  void* context;
  long result;
};

uint64_t DoWork(void* late_pointer) {
  auto* late = static_cast<Late*>(late_pointer);
  const Machine& machine = g_runtime.machine();
  // Then it will be asked for again.
  if (machine.WouldBeInterrupted(machine.task(g_runtime.current()))) return 1;
  late->result = late->work(late->context);
  return late->result < 0 ? 1 : 0;
}

ObjectId ObjectOf(NameHash name) {
  if (name == kNoName) return kNoObject;
  return g_runtime.objects().FindNamed(static_cast<uint64_t>(name), ObjectKind::kName,
                                       g_runtime.CallSite());
}

long Do(OpKind kind, NameHash name, NameHash second, NameWork work, void* context) {
  Operation operation;
  operation.kind = kind;
  operation.object = ObjectOf(name);
  operation.object2 = ObjectOf(second);
  Late late{work, context, 0};
  PerformLate(operation, &DoWork, &late);
  return late.result;
}

}  // namespace

NameHash HashName(const char* space, const char* text) {
  return NameHash{HashText(Mix(HashText(1, space), 0), text) | 1};
}

NameHash HashName(const char* space, uint64_t number) {
  return NameHash{Mix(HashText(1, space), number) | 1};
}

long LookAtName(NameHash name, NameWork work, void* context) {
  return Do(OpKind::kNameLook, name, kNoName, work, context);
}

long ChangeName(NameHash name, NameHash second, NameWork work, void* context) {
  return Do(OpKind::kNameChange, name, second, work, context);
}

}  // namespace csim
