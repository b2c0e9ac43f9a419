#include "ops/record.h"

#include <algorithm>

#include "ops/names.h"
#include "ops/trace.h"

namespace keras::ops {

namespace {

struct OpRecord final : CallRecord {
  OpRecord(const char* op, std::vector<Tensor> given, OpCall call, Config arguments = {})
      : class_name_(camel_case(op)), call_(std::move(call)), arguments_(std::move(arguments)) {
    name = unique_name(class_name_);
    inputs = std::move(given);
  }
  const std::string& class_name() const override { return class_name_; }
  std::vector<Tensor> call(const std::vector<Tensor>& all) const override { return call_(all); }

  Config description() const override {
    if (arguments_.is_null()) return {};
    Config arguments = arguments_, args = Config::list();
    const Config class_name = arguments.get("__class__", class_name_);
    arguments.erase("__class__");
    if (const Config* given = arguments.find("__args__")) {
      args = Config(*given);
      arguments.erase("__args__");
    } else {
      for (std::size_t i = 0; i < inputs.size(); ++i) args.push_back(slot(i));
    }
    return Config::map({{"class_name", class_name},
                        {"config", std::move(arguments)},
                        {"args", std::move(args)},
                        {"kwargs", Config::map()}});
  }

 private:
  std::string class_name_;
  OpCall call_;
  Config arguments_;
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

std::vector<Tensor> record_op(const char* op, std::vector<Tensor> inputs, OpCall call, Config arguments) {
  return record(std::make_shared<OpRecord>(op, std::move(inputs), std::move(call), std::move(arguments)));
}

Config slot(std::size_t input) {
  return Config::map({{"class_name", "__slot__"}, {"config", static_cast<std::int64_t>(input)}});
}
std::optional<std::size_t> slot_of(const Config& item) {
  const Config* name = item.is_map() ? item.find("class_name") : nullptr;
  if (!name || *name != Config("__slot__")) return {};
  return static_cast<std::size_t>(item.at("config").as_int());
}

std::vector<Tensor> record_op_as(const std::vector<ir::Type>& types, const char* op, std::vector<Tensor> inputs,
                                 OpCall call) {
  const std::shared_ptr<CallRecord> made = std::make_shared<OpRecord>(op, std::move(inputs), std::move(call));
  std::vector<Tensor> results;
  for (const ir::Type& type : types) results.push_back(result(made, type));
  return results;
}

}  // namespace keras::ops
