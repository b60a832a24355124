#include "scheduler/state.h"

namespace csim {

uint64_t SealOf(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325 ^ bytes.size();
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
    hash ^= hash >> 32;
  }
  return hash;
}

void StateWriter::Number(uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
  bytes_.push_back(static_cast<char>(value));
}

void StateWriter::Bytes(std::string_view bytes) {
  Number(bytes.size());
  bytes_.append(bytes);
}

std::string_view StateWriter::Seal() {
  uint64_t seal = SealOf(bytes_);
  for (size_t i = 0; i < kSealSize; ++i, seal >>= 8) bytes_.push_back(static_cast<char>(seal));
  return bytes_;
}

StateReader::StateReader(std::string_view sealed) {
  if (sealed.size() < kSealSize) {
    Refuse();
    return;
  }
  rest_ = sealed.substr(0, sealed.size() - kSealSize);
  uint64_t seal = 0;
  for (size_t i = kSealSize; i > 0; --i) {
    seal = seal << 8 | static_cast<uint8_t>(sealed[rest_.size() + i - 1]);
  }
  if (seal != SealOf(rest_)) Refuse();
}

bool StateReader::Refuse() {
  ok_ = false;
  rest_ = {};
  return false;
}

uint64_t StateReader::Number(uint64_t most) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    if (shift == 63 && byte > 1) break;
    value |= uint64_t{byte & 0x7fu} << shift;
    if (byte >= 0x80) continue;
    if (value > most) break;
    return value;
  }
  Refuse();
  return 0;
}

std::string_view StateReader::Bytes() {
  const size_t size = Number(rest_.size());
  if (size > rest_.size()) {
    Refuse();
    return {};
  }
  const std::string_view bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return bytes;
}

size_t StateReader::Count() {
  const uint64_t count = Number(rest_.size());
  if (count <= rest_.size()) return count;
  Refuse();
  return 0;
}

}  // namespace csim
