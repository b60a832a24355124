#include "sim/runtime/descriptors/holders.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

#include "sim/runtime/descriptors/descriptors.h"
#include "sim/runtime/descriptors/parcels.h"
#include "sim/runtime/runtime.h"

namespace csim {

namespace {

uint32_t ProcessOf(TaskId task) { return Index(g_runtime.machine().task(task).process); }

// Appends what fits.
class Text {
 public:
  Text(char* text, size_t size) : text_(text), size_(size) { text_[0] = 0; }
  [[gnu::format(printf, 2, 3)]] void Add(const char* format, ...) {
    if (used_ + 1 >= size_) return;
    va_list list;
    va_start(list, format);
    const int n = vsnprintf(text_ + used_, size_ - used_, format, list);
    va_end(list);
    if (n > 0) used_ = std::min(used_ + static_cast<size_t>(n), size_ - 1);
  }

 private:
  char* text_;
  size_t size_;
  size_t used_ = 0;
};

void AddProcess(Text& text, uint32_t process) { text.Add("P%u", process); }

bool HasEnd(const OpenFile& file, ObjectId channel, bool writing_end) {
  return (writing_end ? file.out : file.in) == channel;
}

bool Holds(uint32_t process, ObjectId channel, bool writing_end) {
  for (const Descriptor& descriptor : All().table(process)) {
    if (descriptor.file != 0 && HasEnd(All().file(descriptor.file), channel, writing_end))
      return true;
  }
  return false;
}

}  // namespace

void NameHolders(ObjectId channel, bool writing_end, char* text, size_t size) {
  Text out(text, size);
  bool first_process = true;
  for (uint32_t process = 0; process < All().process_count(); ++process) {
    if (!Holds(process, channel, writing_end)) continue;
    if (!first_process) out.Add(", ");
    first_process = false;
    AddProcess(out, process);
    const char* before = " (";
    const DescriptorTable& table = All().table(process);
    for (size_t fd = 0; fd < table.size(); ++fd) {
      if (table[fd].file == 0 || !HasEnd(All().file(table[fd].file), channel, writing_end))
        continue;
      out.Add("%sfd %d", before, static_cast<int>(fd));
      before = ", ";
    }
    out.Add(")");
  }
  if (!IsInParcel(channel, writing_end)) return;
  out.Add("%sa message that nobody has received%s", first_process ? "" : ", ",
          writing_end ? " (it)" : "");
}

TaskId DescriptorUsers::OnlyOther(ObjectId channel, bool writing_end, TaskId waiter) const {
  if (IsInParcel(channel, writing_end)) return kNoTask;
  TaskId only = kNoTask;
  for (TaskId task : g_runtime.machine().live_tasks()) {
    if (task == waiter || !Holds(ProcessOf(task), channel, writing_end)) continue;
    if (only != kNoTask) return kNoTask;
    only = task;
  }
  return only;
}

}  // namespace csim
