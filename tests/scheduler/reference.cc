#include "tests/scheduler/reference.h"

#include <algorithm>

#include "scheduler/tasks.h"

namespace csim {
namespace {

class Enumerator {
 public:
  Enumerator(const ModelProgram& program, const ReferenceOptions& options)
      : run_(program, std::pmr::new_delete_resource()), options_(options) {}

  Reference Run() {
    Explore();
    return std::move(found_);
  }

 private:
  void Explore() {
    run_.Begin();
    for (Choice choice : prefix_) run_.Perform(choice);
    std::vector<Choice> options = Options();
    if (options.empty() || prefix_.size() >= options_.max_steps) return Record();
    for (Choice choice : options) {
      if (found_.executions.size() >= options_.max_executions) {
        found_.too_many = true;
        return;
      }
      prefix_.push_back(choice);
      Explore();
      prefix_.pop_back();
    }
  }

  void Record() {
    found_.executions.push_back(
        {ListOf(prefix_), run_.Result(), options_.traces ? run_.Trace() : "", run_.preemptions});
  }

  std::vector<Choice> Options() {
    std::vector<Choice> all = run_.Enabled();
    TaskId current = run_.current();
    bool current_enabled = !Of(current, all).empty();
    bool bounded = options_.preemption_bound >= 0;
    if (bounded && current_enabled && !run_.yielded() &&
        run_.preemptions >= options_.preemption_bound) {
      return Of(current, all);
    }
    if (!options_.local_at_once) return all;
    bool moves_on = run_.yielded() || run_.timed_out();
    uint32_t n = run_.machine.task_count();
    for (uint32_t i = 0; i < n; ++i) {
      TaskId task{static_cast<uint16_t>((Index(current) + (moves_on ? 1 : 0) + i) % n)};
      if (Of(task, all).empty() || !IsLocal(run_.machine.task(task))) continue;
      OpKind kind = run_.machine.task(task).pending.kind;
      bool yields = kind == OpKind::kYield || kind == OpKind::kSleep;
      if (!bounded || (task == current && (!run_.yielded() || yields))) return Of(task, all);
    }
    return all;
  }

  static std::vector<Choice> Of(TaskId task, const std::vector<Choice>& all) {
    std::vector<Choice> mine;
    for (Choice choice : all) {
      if (choice.task == task) mine.push_back(choice);
    }
    return mine;
  }

  ModelRun run_;
  ReferenceOptions options_;
  std::vector<Choice> prefix_;
  Reference found_;
};

}  // namespace

ChoiceList ListOf(const std::vector<Choice>& choices) {
  ChoiceList list;
  for (Choice choice : choices) list.push_back({Index(choice.task), choice.alternative});
  return list;
}

std::set<std::string> Reference::Results() const {
  std::set<std::string> results;
  for (const ReferenceExecution& execution : executions) results.insert(execution.result);
  return results;
}

std::set<std::string> Reference::Traces() const {
  std::set<std::string> traces;
  for (const ReferenceExecution& execution : executions) traces.insert(execution.trace);
  return traces;
}

std::vector<ChoiceList> Reference::Choices() const {
  std::vector<ChoiceList> choices;
  for (const ReferenceExecution& execution : executions) choices.push_back(execution.choices);
  std::sort(choices.begin(), choices.end());
  return choices;
}

Reference RunAll(const ModelProgram& program, const ReferenceOptions& options) {
  return Enumerator(program, options).Run();
}

}  // namespace csim
