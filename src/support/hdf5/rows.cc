// Rows: a part of a data set along its first axis, without reading the rest.
#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <numeric>

#include "support/hdf5/value.h"

namespace keras::support::hdf5 {

Rows::Rows(Dataset dataset) : dataset_(std::move(dataset)) {
  if (dataset_.type().kind != Type::number) {
    throw TypeError(fmt::format("The {} should have numbers; it has none.", dataset_.describe()));
  }
  if (dataset_.null() || dataset_.shape().empty()) {
    throw ValueError(fmt::format("The {} has no axis of rows: it is a single number or empty.", dataset_.describe()));
  }
  const std::int64_t rows = dataset_.shape()[0];
  row_bytes_ = rows == 0 ? 0 : dataset_.byte_size() / static_cast<std::size_t>(rows);
  const auto& chunks = dataset_.parts_->stored->chunks;
  if (!chunks || chunks->dims.empty()) return;
  const std::size_t rank = chunks->dims.size();
  const auto band = [&](std::uint32_t chunk) { return chunks->places[chunk * rank]; };
  order_.resize(chunks->chunks.size());
  std::iota(order_.begin(), order_.end(), 0);
  std::stable_sort(order_.begin(), order_.end(), [&](auto a, auto b) { return band(a) < band(b); });
  bands_.resize((chunks->dims[0] + chunks->shape[0] - 1) / chunks->shape[0] + 1);
  for (const std::uint32_t chunk : order_) ++bands_[band(chunk) + 1];
  std::partial_sum(bands_.begin(), bands_.end(), bands_.begin());
}

bool Rows::packed() const {
  const auto& chunks = dataset_.parts_->stored->chunks;
  return chunks && !chunks->filters.empty();
}

void Rows::read(std::uint64_t begin, std::uint64_t end, std::span<std::byte> to) {
  if (begin >= end) return;
  const Stored& stored = *dataset_.parts_->stored;
  const Image& image = *dataset_.parts_->image;
  guarded(image, dataset_.path(), [&] {
    if (stored.bytes)
      image.copy(stored.bytes->substr(begin * row_bytes_, to.size()), to.data());
    else
      read_chunks(begin, end, to);
  });
  to_native(stored, to);
}

void Rows::read_chunks(std::uint64_t begin, std::uint64_t end, std::span<std::byte> to) {
  const Stored& stored = *dataset_.parts_->stored;
  if (!stored.chunks) return fill_items(stored, to);
  const Chunks& chunks = *stored.chunks;
  const std::uint64_t height = chunks.shape[0], first = begin / height, last = (end - 1) / height;
  std::uint64_t cells = 1;  // chunks in a row of chunks, if all are stored
  for (std::size_t axis = 1; axis < chunks.dims.size(); ++axis) {
    cells *= (chunks.dims[axis] + chunks.shape[axis] - 1) / chunks.shape[axis];
  }
  if (bands_[last + 1] - bands_[first] < cells * (last - first + 1)) fill_items(stored, to);
  for (std::uint64_t band = first; band <= last; ++band) {
    const bool more = band * height < begin || std::min((band + 1) * height, chunks.dims[0]) > end;  // for later
    for (std::uint32_t i = bands_[band]; i < bands_[band + 1]; ++i) {
      place_chunk(chunks, order_[i], unpacked(order_[i], more), to.data(), begin, end);
    }
  }
}

std::string_view Rows::unpacked(std::size_t chunk, bool keep) {
  const auto there = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& each) { return each.chunk == chunk; });
  if (there != kept_.end()) {
    std::rotate(there, there + 1, kept_.end());
    return kept_.back().bytes;
  }
  const Image& image = *dataset_.parts_->image;
  const Chunks& chunks = *dataset_.parts_->stored->chunks;
  const Chunk& place = chunks.chunks[chunk];
  stored_.resize(place.size);
  image.copy(image.at(place.address, place.size, "chunk of a data set"),
             std::as_writable_bytes(std::span(stored_)).data());
  const std::string_view bytes = unpack(chunks.filters, place.mask, stored_, chunks.bytes, buffers_);
  if (!keep) return bytes;
  while (!kept_.empty() && kept_bytes_ + bytes.size() > kKept) {
    kept_bytes_ -= kept_.front().bytes.size();
    kept_.erase(kept_.begin());
  }
  kept_bytes_ += bytes.size();
  kept_.push_back({chunk, std::string(bytes)});
  return kept_.back().bytes;
}

}  // namespace keras::support::hdf5
