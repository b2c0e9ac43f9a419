#include "ops/record.h"

#include <algorithm>

#include "ops/names.h"
#include "ops/trace.h"

namespace keras::ops {

namespace {

struct OpRecord final : CallRecord {
  OpRecord(const char* op, std::vector<Tensor> given, OpCall call)
      : class_name_(camel_case(op)), call_(std::move(call)) {
    name = unique_name(class_name_);
    inputs = std::move(given);
  }
  const std::string& class_name() const override { return class_name_; }
  std::vector<Tensor> call(const std::vector<Tensor>& all) const override { return call_(all); }

 private:
  std::string class_name_;
  OpCall call_;
};

Tensor result(const std::shared_ptr<CallRecord>& call, const ir::Type& type) {
  const std::size_t index = call->results.size();
  Tensor tensor = placeholder(type, index == 0 ? call->name : call->name + ":" + std::to_string(index));
  tensor.node()->made_by = call;
  tensor.node()->index = static_cast<int>(index);
  call->results.push_back(tensor.node());
  call->types.push_back(type);
  return tensor;
}

}  // namespace

bool traced() { return Trace::current() != nullptr; }
bool recording(const std::vector<Tensor>& inputs) {
  return !traced() && std::any_of(inputs.begin(), inputs.end(), recorded);
}

std::vector<Tensor> record(const std::shared_ptr<CallRecord>& call) {
  std::vector<ir::Type> types;
  {
    const Trace scratch;
    std::vector<Tensor> stand_ins = call->inputs;
    for (Tensor& tensor : stand_ins) {
      if (recorded(tensor)) tensor = placeholder(tensor.node()->type, tensor.node()->name);
    }
    for (const Tensor& tensor : call->call(stand_ins)) types.push_back(node_of(tensor)->type);
  }
  std::vector<Tensor> results;
  for (const ir::Type& type : types) results.push_back(result(call, type));
  return results;
}

Tensor begin_with(const std::shared_ptr<CallRecord>& call, const ir::Type& type) { return result(call, type); }

std::vector<Tensor> record_op(const char* op, std::vector<Tensor> inputs, OpCall call) {
  return record(std::make_shared<OpRecord>(op, std::move(inputs), std::move(call)));
}

std::vector<Tensor> record_op_as(const std::vector<ir::Type>& types, const char* op, std::vector<Tensor> inputs,
                                 OpCall call) {
  const std::shared_ptr<CallRecord> made = std::make_shared<OpRecord>(op, std::move(inputs), std::move(call));
  std::vector<Tensor> results;
  for (const ir::Type& type : types) results.push_back(result(made, type));
  return results;
}

}  // namespace keras::ops
