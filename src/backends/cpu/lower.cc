#include "backends/cpu/lower.h"

#include <fmt/format.h>

#include <algorithm>

#include "backends/cpu/costs.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"

namespace keras::backends::cpu {
namespace {

using primitives::Op;

constexpr std::size_t kTile = 1024;      // floats
constexpr std::size_t kNarrow = 192;     // shorter rows share a tile
constexpr std::size_t kNarrowView = 64;  // shorter rows of a wider matrix are worth a copy
constexpr std::size_t kGap = 32;  // floats between registers: a multiple of 4 KB apart they would collide in the cache

std::size_t at(int index) { return static_cast<std::size_t>(index); }
std::size_t up(std::size_t n) { return (n + kSplat - 1) / kSplat * kSplat; }

// A value of the loop: what an operand holds or an instruction makes.
struct Val {
  enum class Kind : std::uint8_t { operand, source, constant, made, spread, column_sum } kind;
  Extent extent;     // of a spread one: what was spread
  DType dtype = {};  // of the memory; whatever is made within the loop is float32
  int operand = -1;  // kind operand: which; made: the result it is written to at once; column_sum: its number
  double constant = 0;
  std::optional<View> view = {};  // of an operand, if it is not read as it is
  int number = -1, full = -1;     // the Val that is this one as floats, and over the whole tile
  int last = -1;                  // the last instruction that reads it
  int slot = -1;
};
struct Instr {
  enum class Over : std::uint8_t { once, once_tile, column, full } over;
  TileKernel kernel;
  int dst;  // a Val; -1 - t: total t
  int src[3];
  double weight;
};

class Lowerer {
 public:
  Lowerer(const ir::Graph& body, const Kernels& kernels, bool aside, std::string& reason)
      : body_(body), tiles_(*kernels.tiles), speed_(kernels.speed), aside_(aside), reason_(reason) {}

  bool run(Lowered& out) {
    if (!find_space(body_, space_, reason_)) return false;
    const bool reduces = std::ranges::count(space_.relations, Relation::of_rows) > 0 || has_softmax();
    const bool reads_rows =
        std::ranges::any_of(body_.nodes, [&](const ir::Node& n) { return is_view(n) && view_of(body_, n)->rows > 1; });
    const bool flat = !reduces && !reads_rows && std::ranges::none_of(space_.extents, [](Extent e) {
      return e == Extent::row || e == Extent::column;
    });
    if (!find_source(reduces, out)) return false;
    wide_ = (flat && !out.source) || space_.cols >= kNarrow || (out.source && !out.source->whole_rows) ||
            (reads_rows && space_.cols >= kNarrowView);
    if (reads_rows && !wide_) return no(fmt::format("slices of short rows of {}", space_.cols));
    if (reduces && space_.cols > Plan::kMaxRow)
      return no(fmt::format("rows of {}, longer than {}", space_.cols, Plan::kMaxRow));
    Plan& plan = aside_ ? out.aside : out.plan;
    plan.rows = space_.rows, plan.cols = space_.cols;
    plan.tile_cols = wide_ && !reduces ? std::min(kTile, space_.cols) : space_.cols;
    plan.tile_rows = wide_ ? 1 : std::min(std::max<std::size_t>(1, kTile / space_.cols), space_.rows);

    for (const ir::Input& input : body_.inputs) {
      const DType dtype = body_.type(input.value).dtype;
      if (!is_stored(dtype)) return no(fmt::format("operands of {}", dtype.name()));
      Val v{Val::Kind::operand, extent(input.value), dtype};
      if (v.extent == Extent::unknown && space_.inside[static_cast<std::size_t>(input.value)])
        return no(fmt::format("{} is neither row nor column", body_.type(input.value).str()));
      if (v.extent == Extent::row && !wide_ && dtype != DType::float32)
        return no(fmt::format("short rows of {}", dtype.name()));
      v.operand = static_cast<int>(val_of_.size());
      val_of_.emplace_back(input.value, add(v));
    }
    for (std::size_t i = 0; i < body_.nodes.size(); ++i) {
      if (!ir::is_input(body_.nodes[i]) && !node(body_.nodes[i], space_.relations[i])) return false;
    }
    for (std::size_t i = 0; i < body_.outputs.size(); ++i) {
      if (!output(body_.outputs[i], static_cast<int>(body_.inputs.size() + i))) return false;
    }
    write_results();
    if (!place(plan)) return false;
    if (!aside_) {
      plan.home = find_home();
      out.operands = body_.inputs.size();
      find_late(out);
      out.cost = cost(plan) + (out.source ? out.source->cost : 0);
    }
    return true;
  }

 private:
  bool find_source(bool reduces, Lowered& out) {
    for (std::size_t i = 0; i < body_.nodes.size(); ++i) {
      const ir::Node& node = body_.nodes[i];
      if (space_.relations[i] != Relation::source) continue;
      if (out.source && !aside_) return no("two sources in one loop");
      if (aside_) continue;
      out.source = make_source(body_, node, reduces, reason_);
      if (!out.source) return false;
      for (ir::ValueId id : node.inputs) {
        const int operand = operand_of(id);
        if (operand < 0) return no("a source whose operand is made in the loop");
        out.source_operands.push_back(operand);
      }
    }
    return true;
  }
  int operand_of(ir::ValueId id) const {  // -1: none
    const auto input = std::ranges::find(body_.inputs, id, &ir::Input::value);
    return input == body_.inputs.end() ? -1 : static_cast<int>(input - body_.inputs.begin());
  }
  static bool is_stored(DType t) { return t == DType::float32 || t == DType::boolean || is_whole(t); }
  static bool is_whole(DType t) { return t == DType::uint8 || t == DType::int32 || t == DType::int64; }
  bool no(std::string why) {
    reason_ = std::move(why);
    return false;
  }
  bool has_softmax() const {
    return std::ranges::any_of(body_.nodes, [](const ir::Node& n) {
      return primitives::is(n, Op::softmax) || primitives::is(n, Op::log_softmax);
    });
  }
  Extent extent(ir::ValueId id) const { return space_.extents[static_cast<std::size_t>(id)]; }
  Val& val(int v) { return vals_[at(v)]; }
  int val_of(ir::ValueId id) const {
    return std::ranges::find(val_of_, id, &std::pair<ir::ValueId, int>::first)->second;
  }
  TileKernel row(Op op) const { return tiles_.row[static_cast<int>(op)]; }

  int add(Val v) {
    vals_.push_back(v);
    return static_cast<int>(vals_.size()) - 1;
  }
  int constant(double k) { return add({.kind = Val::Kind::constant, .extent = Extent::scalar, .constant = k}); }
  int emit(TileKernel kernel, Extent extent, int a, int b = -1, int c = -1, double weight = 1) {
    const int dst = add({.kind = Val::Kind::made, .extent = extent});
    const auto over = extent == Extent::scalar   ? Instr::Over::once
                      : extent == Extent::column ? Instr::Over::column
                                                 : Instr::Over::full;
    code_.push_back({over, kernel, dst, {a, b, c}, weight});
    return dst;
  }

  int emit_row_reduction(TileKernel kernel, int a) {  // makes a column, but runs over the tile
    const int dst = emit(kernel, Extent::column, a);
    code_.back().over = Instr::Over::full;
    return dst;
  }

  // The Val as floats.
  int number(int v) {
    const Val x = val(v);
    if (x.kind != Val::Kind::operand || x.dtype == DType::float32 || x.extent == Extent::scalar) return v;
    if (x.number >= 0) return x.number;
    const TileKernel load = x.dtype == DType::int32   ? tiles_.load_i32
                            : x.dtype == DType::int64 ? tiles_.load_i64
                                                      : tiles_.load_u8;
    const int made = emit(load, x.extent == Extent::row ? Extent::full : x.extent, v);
    return val(v).number = made;
  }
  // The Val over the whole tile, or a splat.
  int spread(int v) {
    v = number(v);
    const Val x = val(v);
    if (x.kind == Val::Kind::spread || x.extent == Extent::full || x.extent == Extent::scalar ||
        (x.extent == Extent::row && wide_))
      return v;
    if (x.full >= 0) return x.full;
    const bool is_row = x.extent == Extent::row;
    const int made = add({.kind = Val::Kind::spread, .extent = x.extent});
    code_.push_back({is_row ? Instr::Over::once_tile : Instr::Over::full,
                     is_row ? tiles_.repeat : tiles_.expand,
                     made,
                     {v, -1, -1},
                     wide_ ? 0 : 1.});
    return val(v).full = made;
  }
  int walking(int v) {  // over the whole tile and no splat
    v = spread(v);
    const bool splat = val(v).extent == Extent::scalar || (val(v).kind == Val::Kind::spread && wide_);
    return splat ? emit(tiles_.copy, Extent::full, v) : v;
  }

  bool node(const ir::Node& n, Relation relation) {
    const DType to = body_.type(n.first).dtype;
    const bool renames =
        primitives::is(n, Op::broadcast) || primitives::is(n, Op::reshape) || primitives::is(n, Op::stop_gradient);
    if (relation == Relation::source) {
      val_of_.emplace_back(n.first, add({.kind = Val::Kind::source, .extent = Extent::full}));
      return true;
    }
    if (relation == Relation::view) {
      const int operand = operand_of(n.inputs[0]);
      if (operand < 0 || to != DType::float32) return no(fmt::format("a slice of {}", body_.type(n.inputs[0]).str()));
      val_of_.emplace_back(n.first, add({.kind = Val::Kind::operand,
                                         .extent = Extent::full,
                                         .dtype = to,
                                         .operand = operand,
                                         .view = view_of(body_, n)}));
      return true;
    }
    std::vector<int> in;
    for (ir::ValueId id : n.inputs) {
      in.push_back(val_of(id));
      const DType from = body_.type(id).dtype;
      if (is_whole(from) && !renames && !primitives::is(n, Op::cast))
        return no(fmt::format("{} of {} values", n.op->name, from.name()));
    }
    int made = -1;
    if (primitives::is(n, Op::splat)) {
      const double k = n.attrs.as<primitives::SplatAttrs>().value;
      made = constant(to == DType::boolean ? k != 0 : k);
    } else if (primitives::elementwise(*n.op)) {
      made = elementwise(n, std::move(in));
    } else if (primitives::is(n, Op::cast)) {
      const DType from = body_.type(n.inputs[0]).dtype;
      if (from != to && is_whole(from) &&
          (is_whole(to) || (val(in[0]).kind != Val::Kind::operand && val(in[0]).kind != Val::Kind::constant))) {
        return no(fmt::format("cast from {} to {} within a loop", from.name(), to.name()));
      }
      made = from == to             ? in[0]
             : to == DType::boolean ? truth(number(in[0]))
                                    : number(in[0]);  // an integer is cut where it is stored
    } else if (renames) {
      made = in[0];
    } else if (primitives::is(n, Op::softmax) || primitives::is(n, Op::log_softmax)) {
      made = softmax(in[0], primitives::is(n, Op::log_softmax));
    } else if (primitives::is(n, Op::sum) || primitives::is(n, Op::mean) || primitives::is(n, Op::reduce_max) ||
               primitives::is(n, Op::reduce_min)) {
      made = reduction(n, in[0], relation);
    } else {
      return no(fmt::format("{} has no part in loops", n.op->name));
    }
    val_of_.emplace_back(n.first, made);
    return true;
  }

  int elementwise(const ir::Node& n, std::vector<int> in) {
    Extent e = Extent::scalar;
    for (int& v : in) {
      v = number(v);
      const Extent x = val(v).extent;
      if (x == e || x == Extent::scalar) continue;
      e = e == Extent::scalar && x == Extent::column ? x : Extent::full;
    }
    if (e == Extent::full) {
      for (int& v : in) v = spread(v);
    }
    in.resize(3, -1);
    return emit(tiles_.row[n.op->code], e, in[0], in[1], in[2], weight(static_cast<Op>(n.op->code)));
  }
  int truth(int v) {
    const Extent e = val(v).extent == Extent::row ? Extent::full : val(v).extent;
    return emit(row(Op::not_equal), e, e == Extent::full ? spread(v) : v, constant(0));
  }
  int softmax(int x, bool logarithm) {
    x = walking(x);
    const int largest = spread(emit_row_reduction(tiles_.row_max, x));
    const int shifted = emit(row(Op::subtract), Extent::full, x, largest);
    const int e = emit(row(Op::exp), Extent::full, shifted, -1, -1, weight(Op::exp));
    const int sum = emit_row_reduction(tiles_.row_sum, e);
    if (!logarithm) return emit(row(Op::divide), Extent::full, e, spread(sum), -1, weight(Op::divide));
    return emit(row(Op::subtract), Extent::full, shifted, spread(emit(row(Op::log), Extent::column, sum)));
  }
  int reduction(const ir::Node& n, int x, Relation relation) {
    const bool mean = primitives::is(n, Op::mean), sum = mean || primitives::is(n, Op::sum),
               max = primitives::is(n, Op::reduce_max);
    if (relation == Relation::same) return x;
    x = walking(x);
    if (relation == Relation::of_all) {
      const auto kind = sum ? Total::Kind::sum : max ? Total::Kind::max : Total::Kind::min;
      totals_.push_back({0, -1, kind, mean ? static_cast<double>(space_.rows * space_.cols) : 1});
      const int total = -static_cast<int>(totals_.size());
      code_.push_back({Instr::Over::full,
                       sum   ? tiles_.total_sum
                       : max ? tiles_.total_max
                             : tiles_.total_min,
                       total,
                       {x, -1, -1},
                       1});
      return total;
    }
    if (relation == Relation::of_columns) {
      const int y =
          add({.kind = Val::Kind::column_sum, .extent = Extent::row, .operand = static_cast<int>(column_sums_.size())});
      column_sums_.push_back({-1, mean ? static_cast<double>(space_.rows) : 1});
      code_.push_back({Instr::Over::full, tiles_.column_sum, y, {x, -1, -1}, 1.5});
      return y;
    }
    const int y = emit_row_reduction(sum ? tiles_.row_sum : max ? tiles_.row_max : tiles_.row_min, x);
    return mean ? emit(row(Op::divide), Extent::column, y, constant(static_cast<double>(space_.cols))) : y;
  }
  // Results are written by the instruction that makes them where that is possible, else by one of their own.
  struct Result {
    int val, operand;
    DType dtype;
    Extent extent;
  };
  bool output(ir::ValueId id, int operand) {
    const int v = val_of(id);
    const DType dtype = body_.type(id).dtype;
    if (!is_stored(dtype)) return no(fmt::format("results of {}", dtype.name()));
    if (v < 0) {
      Total& total = totals_[at(-v - 1)];
      if (total.operand >= 0) return no("a total that is two results");
      total.operand = operand;
      return true;
    }
    if (val(v).kind == Val::Kind::column_sum) {
      column_sums_[at(val(v).operand)].operand = operand;
      return true;
    }
    if (is_whole(dtype) && (val(v).kind == Val::Kind::operand || val(v).kind == Val::Kind::constant))
      return no(fmt::format("copies of {}", dtype.name()));
    Extent e = extent(id);
    if (e == Extent::unknown || (e == Extent::scalar && val(v).extent != Extent::row)) e = val(v).extent;
    if (e == Extent::row || e == Extent::unknown) return no("a row as a result");
    results_.push_back({e == Extent::full ? spread(v) : number(v), operand, dtype, e});
    return true;
  }
  TileKernel store(DType t) const {
    if (t == DType::boolean) return tiles_.store_bool;
    if (t == DType::uint8) return tiles_.store_u8;
    return t == DType::int32 ? tiles_.store_i32 : t == DType::int64 ? tiles_.store_i64 : tiles_.copy;
  }
  void write_results() {
    for (Result& r : results_) {
      if (r.extent == Extent::scalar) continue;
      Val& x = val(r.val);
      if (!aside_ && x.kind == Val::Kind::made && x.extent == r.extent && r.dtype == DType::float32 && x.operand < 0) {
        x.operand = r.operand;
        continue;
      }
      const auto over = r.extent == Extent::column ? Instr::Over::column : Instr::Over::full;
      if (aside_ && x.kind == Val::Kind::operand) {  // read before anything is written
        const int copy = add({.kind = Val::Kind::made, .extent = r.extent});
        code_.insert(code_.begin(), {over, tiles_.copy, copy, {r.val, -1, -1}, 1});
        r.val = copy;
      }
      const int to = add({.kind = Val::Kind::made, .extent = r.extent, .dtype = r.dtype, .operand = r.operand});
      code_.push_back({over, store(r.dtype), to, {r.val, -1, -1}, 1});
    }
  }

  // Gives every Val its place. Registers go from hand to hand; what is made once is kept.
  bool place(Plan& plan) {
    for (std::size_t i = 0; i < code_.size(); ++i) {
      for (int v : code_[i].src) {
        if (v >= 0) val(v).last = static_cast<int>(i);
      }
    }
    const std::size_t register_floats = up(plan.tile_rows * plan.tile_cols) + kGap,
                      column_floats = up(plan.tile_rows) + kGap;
    std::size_t floats = 0;
    plan.slots.assign(1, {});
    const auto add_slot = [&](Slot s) {
      plan.slots.push_back(s);
      return static_cast<int>(plan.slots.size()) - 1;
    };
    const auto take = [&](std::vector<int>& free, std::size_t size, std::size_t walks) {
      if (!free.empty()) {
        const int slot = free.back();
        free.pop_back();
        return slot;
      }
      Slot s{.place = Slot::Place::workspace, .offset = floats * sizeof(float), .walks = walks};
      floats += size;
      return add_slot(s);
    };
    std::vector<int> kept, free[3];  // by pool
    const std::size_t sizes[] = {register_floats, column_floats, kSplat};
    const auto pool = [&](const Val& x) {  // 0: registers, 1: columns, 2: splats
      if (x.kind == Val::Kind::spread) return wide_ && x.extent == Extent::column ? 2 : 0;
      return x.extent == Extent::full ? 0 : x.extent == Extent::column ? 1 : 2;
    };
    const auto ensure = [&](int v) {
      Val& x = val(v);
      if (x.slot >= 0) return;
      if (x.kind == Val::Kind::constant) {
        x.slot = add_slot({.place = Slot::Place::constant, .offset = plan.constants.size()});
        plan.constants.insert(plan.constants.end(), kSplat, static_cast<float>(x.constant));
      } else if (x.kind == Val::Kind::operand && x.extent == Extent::scalar) {
        x.slot = add_slot({.place = Slot::Place::scalar_input,
                           .dtype = x.dtype,
                           .operand = x.operand,
                           .offset = floats * sizeof(float)});
        floats += kSplat;
      } else if (x.kind == Val::Kind::source) {
        x.slot = add_slot({.place = Slot::Place::source, .col_bytes = sizeof(float)});
      } else if (x.kind == Val::Kind::column_sum) {
        x.slot = add_slot({.place = Slot::Place::column_sum, .operand = x.operand, .col_bytes = sizeof(double)});
      } else if (x.operand >= 0) {
        const std::size_t size = x.dtype.size();
        x.slot = add_slot({.place = Slot::Place::operand,
                           .operand = x.operand,
                           .offset = x.view ? x.view->offset * size : 0,
                           .row_bytes = x.view && x.view->rows > 1   ? x.view->pitch * size
                                        : x.extent == Extent::full   ? space_.cols * size
                                        : x.extent == Extent::column ? size
                                                                     : 0,
                           .col_bytes = x.extent == Extent::column ? 0 : size,
                           .read = x.kind == Val::Kind::operand});
      } else {
        const bool once = x.extent == Extent::scalar || (x.kind == Val::Kind::spread && x.extent == Extent::row);
        x.slot = take(once ? kept : free[pool(x)], sizes[pool(x)], pool(x) == 2 ? 0 : 1);
      }
    };
    for (Total& t : totals_) {
      if (t.operand < 0) continue;
      const int slot = add_slot({.place = Slot::Place::workspace, .offset = floats * sizeof(float)});
      floats += kSplat;
      t.slot = static_cast<std::uint8_t>(slot);
      plan.totals.push_back(t);
    }
    // What runs once comes first, so that its results have their places before registers are handed on.
    for (const bool first : {true, false}) {
      for (std::size_t i = 0; i < code_.size(); ++i) {
        const Instr& c = code_[i];
        const bool once = c.over == Instr::Over::once || c.over == Instr::Over::once_tile;
        if (once != first || (c.dst < 0 && totals_[at(-c.dst - 1)].operand < 0)) continue;
        Step step{.kernel = c.kernel, .column = c.over == Instr::Over::once || c.over == Instr::Over::column};
        std::uint8_t* const src[] = {&step.a, &step.b, &step.c};
        for (int j = 0; j < 3; ++j) {
          if (c.src[j] < 0) continue;
          ensure(c.src[j]);
          *src[j] = static_cast<std::uint8_t>(val(c.src[j]).slot);
        }
        for (int j = 0; j < 3; ++j) {  // an operand that dies here may give its register to the result
          if (c.src[j] < 0 || std::find(c.src, c.src + j, c.src[j]) != c.src + j) continue;
          const Val& x = val(c.src[j]);
          const bool is_register = (x.kind == Val::Kind::made && x.operand < 0 && x.extent != Extent::scalar) ||
                                   (x.kind == Val::Kind::spread && x.extent != Extent::row);
          if (is_register && x.last == static_cast<int>(i)) free[pool(x)].push_back(x.slot);
        }
        if (c.dst < 0) {
          step.dst = totals_[at(-c.dst - 1)].slot;
        } else {
          ensure(c.dst);
          step.dst = static_cast<std::uint8_t>(val(c.dst).slot);
        }
        (once ? plan.once : plan.body).push_back(step);
        if (plan.slots.size() > Plan::kMaxSlots) return no(fmt::format("more than {} values", Plan::kMaxSlots));
      }
    }
    for (const ColumnSum& sum : column_sums_) {
      if (sum.operand < 0) return no("a sum of columns that is no result");
    }
    plan.column_sums = column_sums_;
    for (const Result& r : results_) {
      if (r.extent != Extent::scalar) continue;
      ensure(r.val);
      plan.results.push_back({static_cast<std::uint8_t>(val(r.val).slot), r.operand, r.dtype});
    }
    plan.workspace = floats * sizeof(float);
    return plan.slots.size() <= Plan::kMaxSlots || no(fmt::format("more than {} values", Plan::kMaxSlots));
  }

  // A result of the source's shape and type that is written when the source is no longer needed, but by the instruction
  // that writes it.
  std::int32_t find_home() {
    for (std::size_t p = code_.size(); p-- > 0;) {
      const Val* result = code_[p].dst < 0 ? nullptr : &val(code_[p].dst);
      if (result && result->kind == Val::Kind::made && result->operand >= 0 && result->extent == Extent::full &&
          result->dtype == DType::float32)
        return result->operand;
      for (int v : code_[p].src) {
        if (v >= 0 && val(v).kind == Val::Kind::source) return -1;
      }
    }
    return -1;
  }

  // Operands that are read after a result that could lie over them was written.
  void find_late(Lowered& out) {
    for (std::size_t p = 0; p < code_.size(); ++p) {
      if (code_[p].dst < 0) continue;
      const Val& result = val(code_[p].dst);
      if (result.kind != Val::Kind::made || result.operand < 0) continue;
      for (std::size_t q = p + 1; q < code_.size(); ++q) {
        for (int v : code_[q].src) {
          if (v < 0) continue;
          const Val& x = val(v);
          if (x.kind != Val::Kind::operand || x.extent != result.extent || x.dtype.size() != result.dtype.size())
            continue;
          const std::pair<std::int32_t, std::int32_t> pair{x.operand, result.operand};
          if (std::ranges::find(out.late, pair) == out.late.end()) out.late.push_back(pair);
        }
      }
    }
  }

  double cost(const Plan& plan) const {
    const auto n = static_cast<double>(plan.rows * plan.cols), rows = static_cast<double>(plan.rows);
    const double tiles = std::ceil(rows / static_cast<double>(plan.tile_rows)) *
                         std::ceil(static_cast<double>(plan.cols) / static_cast<double>(plan.tile_cols));
    double ns =
        kCallNs + kStepNs * (static_cast<double>(plan.once.size()) + tiles * static_cast<double>(plan.body.size()));
    for (const Instr& c : code_) {
      if (c.over == Instr::Over::full) ns += n * c.weight * kElementNs / speed_;
      if (c.over == Instr::Over::column) ns += rows * c.weight * kElementNs / speed_;
      if (!wide_ && (c.kernel == tiles_.row_sum || c.kernel == tiles_.row_max || c.kernel == tiles_.row_min))
        ns += 3 * rows;
    }
    return ns;
  }

  const ir::Graph& body_;
  const Tiles& tiles_;
  double speed_;
  bool aside_;
  std::string& reason_;
  Space space_;
  bool wide_ = false;  // a tile is one row, or a piece of one
  std::vector<Val> vals_;
  std::vector<std::pair<ir::ValueId, int>> val_of_;
  std::vector<Instr> code_;
  std::vector<Total> totals_;
  std::vector<ColumnSum> column_sums_;
  std::vector<Result> results_;
};

}  // namespace

std::optional<Lowered> lower(const ir::Graph& body, const Kernels& kernels, std::string& reason) {
  Lowered out;
  if (!Lowerer(body, kernels, false, reason).run(out)) return std::nullopt;
  if (!out.late.empty() && !Lowerer(body, kernels, true, reason).run(out)) return std::nullopt;
  return out;
}

}  // namespace keras::backends::cpu
