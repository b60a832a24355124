#include "scheduler/dpor_state.h"

#include "scheduler/state.h"

namespace csim::dpor {
namespace {

void WriteObject(StateWriter& out, ObjectId object) {
  out.Number(object == kNoObject ? 0 : uint64_t{Index(object)} + 1);
}

void WriteStep(StateWriter& out, const Step& step) {
  out.Number(step.task);
  out.Number(step.alternative);
  WriteObject(out, step.object);
  WriteObject(out, step.object2);
  out.Number(static_cast<uint64_t>(step.kind));
  out.Number(static_cast<uint64_t>(step.spin));
  out.Number(step.size);
  out.Number(step.offset);
  const Reach none{};
  out.Number((step.local ? 1u : 0u) | (step.global ? 2u : 0u) | (step.weak ? 4u : 0u) |
             (step.reach != none ? 8u : 0u) | (step.use_count != 0 ? 16u : 0u));
  if (step.use_count != 0) out.Number(step.use_count);
  for (uint32_t i = 0; i < step.use_count; ++i) {
    WriteObject(out, step.uses[i].object);
    out.Number(static_cast<uint64_t>(step.uses[i].footprint));
    out.Number(step.uses[i].parts);
  }
  if (step.reach == none) return;
  for (uint16_t process : {step.reach.process, step.reach.first, step.reach.second}) {
    out.Number(process);
  }
  out.Number((step.reach.ends ? 1u : 0u) | (step.reach.inherits ? 2u : 0u));
}

void WriteNames(StateWriter& out, const NameTable& table) {
  out.Number(table.names().size());
  for (uint64_t name : table.names()) out.Number(name);
}

// Numbers of the writer, as numbers of the reader.
class Reader {
 public:
  Reader(StateReader& in, UseTable& kept, std::pmr::memory_resource* memory)
      : in_(in), kept_(kept), tasks_(memory), objects_(memory), uses_(memory) {}

  void ReadNames(NameTable& tasks, NameTable& objects) {
    ReadTable(tasks, tasks_);
    ReadTable(objects, objects_);
  }

  Step ReadStep() {
    Step step;
    step.task = Known(in_.Number(), tasks_);
    step.alternative = static_cast<uint32_t>(in_.Number(~uint32_t{0}));
    step.object = ReadObject();
    step.object2 = ReadObject();
    const auto kind = static_cast<OpKind>(in_.Number(static_cast<uint64_t>(OpKind::kCount) - 1));
    step.spin = static_cast<Spin>(in_.Number(static_cast<uint64_t>(Spin::kWide)));
    step.size = static_cast<uint8_t>(in_.Number(0xff));
    step.offset = static_cast<uint8_t>(in_.Number(0xff));
    const uint64_t flags = in_.Number(31);
    step.weak = (flags & 4) != 0;
    step.local = (flags & 1) != 0;
    step.global = (flags & 2) != 0;
    if ((flags & 16) != 0) ReadUses(&step);
    if ((flags & 8) != 0) ReadReach(&step.reach);
    SetKind(step, kind);
    return step;
  }

  void ReadPoint(Point& point) {
    point.step = ReadStep();
    for (size_t n = in_.Count(); n > 0 && in_.ok(); --n) point.sleep.push_back(ReadStep());
    for (size_t n = in_.Count(); n > 0 && in_.ok(); --n) {
      Branch branch{ReadStep(), static_cast<uint32_t>(in_.Number(~uint32_t{0}))};
      const uint32_t deepest = point.branches.empty() ? 0 : point.branches.back().depth + 1;
      if (branch.depth > deepest) in_.Refuse();
      point.branches.push_back(branch);
    }
  }

  void ReadSequence(Subtree& subtree, std::pmr::memory_resource* memory) {
    Sequence& sequence =
        subtree.found_above.emplace_back(0, std::pmr::vector<Step>(memory), memory);
    sequence.depth = static_cast<uint32_t>(in_.Number(~uint32_t{0}));
    if (sequence.depth >= subtree.root) in_.Refuse();
    for (size_t n = in_.Count(); n > 0 && in_.ok(); --n) sequence.steps.push_back(ReadStep());
  }

 private:
  void ReadTable(NameTable& table, std::pmr::vector<uint32_t>& numbers) {
    for (size_t n = in_.Count(); n > 0 && in_.ok(); --n) {
      numbers.push_back(table.NumberOf(in_.Number()));
    }
  }
  uint32_t Known(uint64_t number, const std::pmr::vector<uint32_t>& numbers) {
    if (number < numbers.size()) return numbers[number];
    in_.Refuse();
    return 0;
  }
  void ReadReach(Reach* reach) {
    for (uint16_t* process : {&reach->process, &reach->first, &reach->second}) {
      const auto number = static_cast<uint16_t>(in_.Number(Reach::kNobody));
      *process = number < Reach::kEverybody ? Names::ProcessNamed(Known(number, tasks_)) : number;
    }
    const uint64_t flags = in_.Number(3);
    reach->ends = (flags & 1) != 0;
    reach->inherits = (flags & 2) != 0;
  }
  void ReadUses(Step* step) {
    uses_.clear();
    for (uint64_t n = in_.Number(0xffff); n > 0 && in_.ok(); --n) {
      const ObjectId object = ReadObject();
      const auto footprint =
          static_cast<Footprint>(in_.Number(static_cast<uint64_t>(Footprint::kGlobal)));
      uses_.push_back({object, footprint, static_cast<uint8_t>(in_.Number(0xff))});
    }
    step->use_count = static_cast<uint16_t>(uses_.size());
    if (!uses_.empty()) step->uses = kept_.Keep(uses_);
  }
  ObjectId ReadObject() {
    const uint64_t number = in_.Number();
    return number == 0 ? kNoObject : ObjectId{Known(number - 1, objects_)};
  }

  StateReader& in_;
  UseTable& kept_;
  std::pmr::vector<uint32_t> tasks_;
  std::pmr::vector<uint32_t> objects_;
  std::pmr::vector<ObjectUse> uses_;  // scratch
};

}  // namespace

void Write(StateWriter& out, const Subtree& subtree, const NameTable& tasks,
           const NameTable& objects) {
  WriteNames(out, tasks);
  WriteNames(out, objects);
  out.Number(subtree.root);
  out.Flag(subtree.finished);
  out.Number(subtree.points.size());
  for (const Point& point : subtree.points) {
    WriteStep(out, point.step);
    out.Number(point.sleep.size());
    for (const Step& step : point.sleep) WriteStep(out, step);
    out.Number(point.branches.size());
    for (const Branch& branch : point.branches) {
      WriteStep(out, branch.step);
      out.Number(branch.depth);
    }
  }
  out.Number(subtree.found_above.size());
  for (const Sequence& sequence : subtree.found_above) {
    out.Number(sequence.depth);
    out.Number(sequence.steps.size());
    for (const Step& step : sequence.steps) WriteStep(out, step);
  }
}

bool Read(StateReader& in, Subtree* subtree, Names& names, std::pmr::memory_resource* memory) {
  Reader reader(in, names.uses(), memory);
  reader.ReadNames(names.tasks(), names.objects());
  subtree->root = static_cast<uint32_t>(in.Number(~uint32_t{0}));
  subtree->finished = in.Flag();
  subtree->points.clear();
  for (size_t n = in.Count(); n > 0 && in.ok(); --n) {
    reader.ReadPoint(subtree->points.emplace_back(memory));
  }
  subtree->found_above.clear();
  for (size_t n = in.Count(); n > 0 && in.ok(); --n) reader.ReadSequence(*subtree, memory);
  if (!subtree->finished && (subtree->points.empty() || subtree->root > subtree->points.size()))
    in.Refuse();
  return in.ok();
}

}  // namespace csim::dpor
