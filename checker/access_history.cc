#include "checker/access_history.h"

namespace csim {
namespace {

// A free history keeps the number of the next free one where the granule's address was; with the
// lowest bit set, so that it can never be taken for the history of a granule.
constexpr uint64_t AsLink(uint64_t number) { return number << 1 | 1; }
constexpr uint64_t FromLink(uint64_t link) { return link >> 1; }

}  // namespace

void AccessHistories::Clear() {
  histories_used_ = 0;
  records_used_ = 0;
  free_records_ = 0;
  free_histories_ = kNoHistory;
}

uint64_t AccessHistories::Add(uint64_t granule, bool keep_sites) {
  uint64_t number = free_histories_;
  if (number != kNoHistory) {
    free_histories_ = FromLink(histories_[number].granule);
  } else {
    number = histories_used_++;
    if (number == histories_.size()) histories_.emplace_back();
  }
  histories_[number] = History{granule, 0, keep_sites};
  return number;
}

void AccessHistories::Remove(uint64_t number) {
  History& history = histories_[number];
  while (history.first != 0) Unlink(history.first);
  history.granule = AsLink(free_histories_);
  free_histories_ = number;
}

void AccessHistories::Push(History& history, const AccessRecord& record) {
  uint32_t reference = free_records_;
  if (reference != 0) {
    free_records_ = records_[reference - 1].next;
  } else {
    if (records_used_ == records_.size()) records_.emplace_back();
    reference = static_cast<uint32_t>(++records_used_);
  }
  records_[reference - 1] = record;
  records_[reference - 1].next = history.first;
  history.first = reference;
}

void AccessHistories::Unlink(uint32_t& link) {
  uint32_t reference = link;
  link = records_[reference - 1].next;
  records_[reference - 1].next = free_records_;
  free_records_ = reference;
}

}  // namespace csim
