// What the cpu backend offers, by kind of node. Each answers with a candidate or the reason why there is none;
// kernels() is not null when they are called.
#pragma once

#include "ir/graph.h"
#include "runtime/kernel.h"

namespace keras::backends::cpu {

runtime::Offer offer_loop(const ir::Graph& graph,
                          const ir::Node& node);  // a fused node, or one node as a loop of its own
runtime::Offer offer_reduction(const ir::Graph& graph, const ir::Node& node);  // of whole arrays
runtime::Offer offer_source(const ir::Graph& graph, const ir::Node& node);     // products, convolutions, pooling
runtime::Offer offer_conv_filter(const ir::Graph& graph, const ir::Node& node);
runtime::Offer offer_uniform(const ir::Graph& graph, const ir::Node& node);
runtime::Offer offer_chain(const ir::Graph& graph, const ir::Node& node);
runtime::Offer offer_update_rows(const ir::Graph& graph, const ir::Node& node);
runtime::Offer offer_move(const ir::Graph& graph,
                          const ir::Node& node);  // elements to other places: slices, transposes …
runtime::Offer offer_indexed(const ir::Graph& graph,
                             const ir::Node& node);  // by indices: gather, scatter_add, one_hot, argmax

}  // namespace keras::backends::cpu
