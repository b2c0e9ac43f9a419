#include "layers/frame.h"

namespace keras::layers {

namespace {
thread_local Frame* current_frame = nullptr;
}  // namespace

Frame::Frame(const LayerState& layer, bool training)
    : layer_(layer), training_(training), outer_(current_frame), scope_(layer.name) {
  current_frame = this;
}
Frame::~Frame() { current_frame = outer_; }
Frame* Frame::current() { return current_frame; }

std::string Frame::path() const { return outer_ ? outer_->path() + "/" + layer_.name : layer_.name; }

int Frame::next_draw(const LayerState& layer) {
  if (outer_) return outer_->next_draw(layer);
  for (auto& [known, count] : draws_) {
    if (known == &layer) return ++count;
  }
  draws_.emplace_back(&layer, 0);
  return 0;
}

}  // namespace keras::layers
