#include "report/event_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace csim {

namespace {

const TraceObject* ObjectOf(const Trace& trace, const TraceEvent& e) {
  if (e.object < 0 || static_cast<size_t>(e.object) >= trace.objects.size()) return nullptr;
  return &trace.objects[static_cast<size_t>(e.object)];
}

bool IsOneOf(const std::string& word, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(), [&](const char* w) { return word == w; });
}

// "connect" of "::connect(s, address, size)"; empty if the text is no call of a function with a plain name.
std::string CalledFunction(const std::string& text) {
  const size_t begin = text.rfind("::", 0) == 0 ? 2 : 0;
  const auto in_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  size_t end = begin;
  while (end < text.size() && in_name(text[end])) ++end;
  return end < text.size() && text[end] == '(' ? text.substr(begin, end - begin) : "";
}

// At the address of a socket the operations are those of a queue: an accept reads from it, a connect writes to
// it. What the program calls says more; "connect: bind" where a call also does something else.
std::string VerbAtAddress(const TraceEvent& e) {
  std::string called = CalledFunction(e.place.text);
  if (called.empty() || called == e.operation) return e.operation;
  if (IsOneOf(e.operation, {"read", "try_read", "write", "try_write"})) return called;
  if (IsOneOf(e.operation, {"bind", "listen"})) return called + ": " + e.operation;
  return e.operation;
}

// "mutex_lock" without its object's kind: "lock".
std::string Verb(const Trace& trace, const TraceEvent& e) {
  const TraceObject* object = ObjectOf(trace, e);
  if (object != nullptr && object->kind == "address") return VerbAtAddress(e);
  static const char* const kPrefixes[] = {"mutex_", "rwlock_", "thread_", "plain_", "cond_"};
  for (const char* prefix : kPrefixes) {
    if (e.operation.rfind(prefix, 0) == 0)
      return e.operation.substr(std::char_traits<char>::length(prefix));
  }
  return e.operation;
}

bool SetsSignals(const TraceEvent& e, const TraceEvent& at) {
  return e.operation == "signal_setting" && e.place == at.place;
}

// Whether a wait that ended early did so for a signal that --io-faults sent (EINTR): in the record that is a way
// in which it times out. A real time-out makes time pass; and only a signal is followed by its handler, which
// sets the signals of its task at its beginning, in the same place. So do ppoll and its like before and after they
// wait.
bool WasInterrupted(const Trace& trace, const TraceEvent& e) {
  if (!trace.options.io_faults) return false;
  if (!IsOneOf(e.operation, {"read", "write", "poll", "poll_many", "poll_signals", "semop"})) {
    return false;
  }
  std::vector<const TraceEvent*> own;  // from the one before it to what follows it
  for (const TraceEvent& other : trace.events) {
    if (other.task != e.task) continue;
    if (other.step < e.step) own.clear();
    own.push_back(&other);
    if (own.size() > 4) break;
  }
  const auto at = std::find_if(own.begin(), own.end(),
                               [&](const TraceEvent* other) { return other->step >= e.step; });
  const TraceEvent* before = at == own.begin() ? nullptr : *own.begin();
  if ((before == nullptr ? 0 : before->now) == e.now) return true;
  auto after = at == own.end() ? at : at + 1;
  if (after != own.end() && (*after)->operation == "choose") ++after;  // which signal
  const std::ptrdiff_t needed = before != nullptr && SetsSignals(*before, e) ? 2 : 1;
  return own.end() - after >= needed &&
         std::all_of(after, after + needed,
                     [&](const TraceEvent* other) { return SetsSignals(*other, e); });
}

// What is to be said of a wait that ended otherwise than it should.
std::string EndText(const Trace& trace, const TraceEvent& e) {
  const bool early = e.alternative == 1 && e.operation != "choose" && e.operation != "cond_signal";
  if (early && WasInterrupted(trace, e)) return " (interrupted)";
  std::string text = early ? " (timeout)" : "";
  if (e.blocked) text += " (waits)";
  if (e.error != 0) text += fmt::format(" (error {})", e.error);
  return text;
}

}  // namespace

std::string EventText(const Trace& trace, const TraceEvent& e) {
  std::string text = Verb(trace, e);
  const TraceObject* object = ObjectOf(trace, e);
  if (object != nullptr && !object->name.empty() && object->name != "output") {
    text += " " + object->name;
  }
  if (e.operation == "atomic_load") text += fmt::format(" = {}", static_cast<int64_t>(e.value));
  if (e.operation == "choose") text += fmt::format(" {}", e.value);
  return text + EndText(trace, e);
}

}  // namespace csim
