// A search as pieces in a store: "round", what was known when the round began, "part.N", what became of
// its parts since, and "seconds".
#include <utility>

#include "scheduler/state.h"
#include "sim/host/search.h"

namespace csim {

namespace {

constexpr char kRound[] = "round";
constexpr char kParts[] = "part.";
constexpr char kSeconds[] = "milliseconds";

std::string PartName(size_t index) { return kParts + std::to_string(index); }

void Write(StateWriter& writer, const std::vector<LocationKey>& keys) {
  writer.Number(keys.size());
  for (const LocationKey& key : keys) {
    writer.Number(static_cast<uint64_t>(key.space));
    writer.Number(key.a);
    writer.Number(key.b);
    writer.Number(key.offset);
  }
}

void Read(StateReader& reader, std::vector<LocationKey>* keys) {
  keys->resize(reader.Count());
  for (LocationKey& key : *keys) {
    key = LocationKey{};
    key.space = static_cast<LocationSpace>(reader.Number(uint64_t{0xff}));
    key.a = static_cast<uint32_t>(reader.Number(~uint32_t{0}));
    key.b = reader.Number();
    key.offset = reader.Number();
  }
}

std::string NumberBytes(uint64_t number) {
  StateWriter writer;
  writer.Number(number);
  return std::string(writer.Seal());
}

}  // namespace

std::string Search::SavePart(const PartWork& work) {
  StateWriter writer;
  writer.Flag(work.done);
  writer.Number(static_cast<uint64_t>(work.end));
  writer.Flag(work.finished);
  writer.Flag(work.complete);
  writer.Flag(work.bounded);
  Write(writer, work.racy);
  writer.Bytes(work.state);
  writer.Bytes(work.report.Save());
  return std::string(writer.Seal());
}

bool Search::LoadPart(std::string_view bytes, PartWork* work) {
  StateReader reader(bytes);
  work->done = reader.Flag();
  work->end = static_cast<PartEnd>(reader.Number(static_cast<uint64_t>(PartEnd::kStopped)));
  work->finished = reader.Flag();
  work->complete = reader.Flag();
  work->bounded = reader.Flag();
  Read(reader, &work->racy);
  work->state = reader.Bytes();
  const std::string_view report = reader.Bytes();
  return reader.AtEnd() && work->report.Load(report);
}

std::string Search::SaveRound() const {
  StateWriter writer;
  writer.Bytes(round_state_);
  Write(writer, result_.racy);
  writer.Number(discarded_);
  writer.Flag(result_.bounded);
  writer.Bytes(result_.total.Save());
  return std::string(writer.Seal());
}

bool Search::LoadRound(std::string_view bytes) {
  StateReader reader(bytes);
  const std::string_view frontier = reader.Bytes();
  Read(reader, &result_.racy);
  discarded_ = reader.Number();
  result_.bounded = reader.Flag();
  const std::string_view total = reader.Bytes();
  return reader.AtEnd() && result_.total.Load(total) && frontier_->Load(frontier);
}

// Nothing is worth keeping before anything was explored that need not be again.
bool Search::HasProgress() const {
  if (saved_ || result_.total.counts.executions != 0) return true;
  for (const PartWork& work : parts_) {
    if (work.done || !work.state.empty()) return true;
  }
  return false;
}

void Search::Save() {
  if (store_ == nullptr || !HasProgress()) return;
  std::map<std::string, std::string> pieces;
  if (round_unsaved_) pieces[kRound] = SaveRound();
  for (size_t i = 0; i < parts_.size(); ++i) {
    const PartWork& work = parts_[i];
    if (round_unsaved_ ? work.done || work.report.counts.executions != 0 : work.unsaved) {
      pieces[PartName(i)] = SavePart(work);
    }
  }
  pieces[kSeconds] =
      NumberBytes(static_cast<uint64_t>((result_.earlier_seconds + Seconds()) * 1000));
  std::string error;
  if (!store_->Write(pieces, round_unsaved_ ? kParts : "", &error)) {
    warn_("the exploration goes on, but could not be resumed: " + error);
    store_ = nullptr;
    saved_ = false;
    return;
  }
  saved_ = true;
  round_unsaved_ = false;
  for (PartWork& work : parts_) work.unsaved = false;
}

bool Search::Resume() {
  const std::optional<std::string> round = store_->Read(kRound);
  const std::optional<std::string> seconds = store_->Read(kSeconds);
  if (!round || !seconds || !LoadRound(*round)) return false;
  std::vector<Part> parts = frontier_->NextRound();
  if (parts.empty()) return false;
  BeginRound(std::move(parts));
  for (size_t i = 0; i < parts_.size(); ++i) {
    const std::optional<std::string> bytes = store_->Read(PartName(i));
    if (bytes && !LoadPart(*bytes, &parts_[i])) return false;
    if (parts_[i].done && EndsSearch(parts_[i].end)) stop_at_ = std::min(stop_at_, i + 1);
  }
  StateReader reader(*seconds);
  result_.earlier_seconds = static_cast<double>(reader.Number()) / 1000;
  round_unsaved_ = false;
  saved_ = true;
  return reader.ok();
}

}  // namespace csim
