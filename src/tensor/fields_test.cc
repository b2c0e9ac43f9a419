// Args structs: to configurations and back, their checks, and the tables of classes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/fields.h>

#include "tensor/shelf.h"

namespace keras {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

struct CakeArgs {
  std::int64_t layers = 2;
  Ints<2> size = {3, 4};
  std::optional<double> sugar = {};
  std::string taste = "plain";
  bool iced = false;
  Shape tin = {None, 5};
  std::vector<double> spices = {0.5};
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    f("layers", &CakeArgs::layers, "How many.", positive, was("nb_layer"), was("stack"));
    f("size", &CakeArgs::size, "Of a layer.");
    f("sugar", &CakeArgs::sugar, "Part of sugar.", fraction);
    f("taste", &CakeArgs::taste, "Its taste.", was("flavour"));
    f("iced", &CakeArgs::iced, "Whether there is icing.");
    f("tin", &CakeArgs::tin, "Shape of the tin.");
    f("spices", &CakeArgs::spices, "Amounts.");
    f("dtype", &CakeArgs::dtype, "Of the dough.");
  }
};

TEST(Fields, ConfigRoundTrip) {
  const Config config = config_of(CakeArgs{.layers = 3, .sugar = 0.25, .dtype = DType::float16});
  EXPECT_EQ(config.to_json(),
            R"({"layers": 3, "size": [3, 4], "sugar": 0.25, "taste": "plain", "iced": false, "tin": [null, 5], )"
            R"("spices": [0.5], "dtype": "float16"})");
  EXPECT_EQ(config_of(args_of<CakeArgs>(config, "Cake")), config);
  EXPECT_EQ(config_of(args_of<CakeArgs>({}, "Cake")), config_of(CakeArgs{}));
}

TEST(Fields, OlderSpellings) {
  EXPECT_EQ(args_of<CakeArgs>(Config::map({{"nb_layer", 7}}), "Cake").layers, 7);
  EXPECT_EQ(args_of<CakeArgs>(Config::map({{"stack", 7}, {"flavour", "lemon"}}), "Cake").taste, "lemon");
  EXPECT_THAT(
      [] {
        args_of<CakeArgs>(Config::map({{"nb_layer", 7}, {"layers", 7}}), "Cake");
      },
      ThrowsMessage<ValueError>(HasSubstr("Cake: «layers» and «nb_layer» are two spellings")));
}

TEST(Fields, SizesAndShapes) {
  const auto read = [](const char* json) { return args_of<CakeArgs>(Config::from_json(json), "Cake"); };
  EXPECT_EQ(read(R"({"size": 6})").size, (Ints<2>{6, 6}));
  EXPECT_EQ(read(R"({"size": {"class_name": "__tuple__", "items": [1, 2]}})").size, (Ints<2>{1, 2}));
  EXPECT_EQ(read(R"({"tin": {"class_name": "__tuple__", "items": [null, -1, 2]}})").tin, (Shape{None, None, 2}));
  EXPECT_EQ(read(R"({"sugar": null, "layers": 2.0})").layers, 2);
  EXPECT_THAT([&] { read(R"({"size": [1, 2, 3]})"); },
              ThrowsMessage<ValueError>(HasSubstr("Cake: size: Expected 2 integers")));
  EXPECT_THAT([&] { read(R"({"tin": "round"})"); }, ThrowsMessage<TypeError>(HasSubstr("Cake: tin: ")));
  EXPECT_THAT([&] { read(R"({"layers": "two"})"); }, ThrowsMessage<TypeError>(HasSubstr("Cake: layers: ")));
  EXPECT_THAT([&] { read(R"([1])"); }, ThrowsMessage<TypeError>(HasSubstr("Cake: its configuration must be a map")));
}

TEST(Fields, UnknownArgumentsAreRefused) {
  EXPECT_THAT(
      [] {
        args_of<CakeArgs>(Config::map({{"suger", 0.1}}), "Cake");
      },
      ThrowsMessage<ValueError>(
          HasSubstr("Cake has no argument «suger». Did you mean «sugar»? It takes layers, size,")));
  EXPECT_THAT(
      [] {
        args_of<NoArgs>(Config::map({{"x", 1}}), "Plain");
      },
      ThrowsMessage<ValueError>(HasSubstr("It takes none.")));
}

TEST(Fields, RangesAreChecked) {
  EXPECT_NO_THROW(check_args(CakeArgs{}, "Cake"));
  EXPECT_THAT([] { check_args(CakeArgs{.layers = 0}, "Cake"); },
              ThrowsMessage<ValueError>("Cake: layers must be a positive number, and 0.0 was given."));
  EXPECT_THAT([] { check_args(CakeArgs{.sugar = 1.5}, "Cake"); },
              ThrowsMessage<ValueError>(HasSubstr("sugar must be a number from 0 to 1")));
  EXPECT_THROW(check_args(CakeArgs{.sugar = std::numeric_limits<double>::quiet_NaN()}, "Cake"), ValueError);
}

struct Cake final : Body {
  static constexpr auto class_name = "Cake";
  using Args = CakeArgs;
  explicit Cake(Args) {}
};
struct Bread final : Body {
  static constexpr auto class_name = "Bread";
  using Args = NoArgs;
  explicit Bread(NoArgs) {}
};

TEST(Fields, BodiesKnowTheirArguments) {
  const auto cake = make_body<Cake>({.layers = 5});
  EXPECT_EQ(static_cast<const Body&>(*cake).class_name(), "Cake");
  EXPECT_EQ(cake->get_config().at("layers").as_int(), 5);
  EXPECT_EQ(serialize(cake.get()), Config::map({{"class_name", "Cake"}, {"config", cake->get_config()}}));
  EXPECT_TRUE(serialize(nullptr).is_null());
  EXPECT_THROW(make_body<Cake>({.layers = -5}), ValueError);
}

TEST(Shelf, LooksUpReadsAndWrites) {
  const Shelf shelf("pastry", "keras.pastries", {{custom<Cake>(), {"cake", "torte"}}},
                    [](const char*, Config& config) { config.erase("oven"); });
  EXPECT_THAT(shelf.names(), ElementsAre("Cake", "cake", "torte"));
  for (const char* name : {"Cake", "cake", "torte"}) EXPECT_EQ(shelf.make(name)->class_name(), "Cake");
  EXPECT_EQ(shelf.read({}), nullptr);
  EXPECT_EQ(shelf.read("torte")->get_config(), config_of(CakeArgs{}));
  const auto cake = shelf.read(Config::from_json(R"({"class_name": "torte", "config": {"layers": 9, "oven": "hot"}})"));
  const Config written = shelf.write(cake.get());
  EXPECT_EQ(written.at("module").as_string(), "keras.pastries");
  EXPECT_EQ(shelf.write(shelf.read(written).get()), written);
  EXPECT_TRUE(shelf.write(nullptr).is_null());
  const Config own = shelf.write(make_body<Bread>({}).get());
  EXPECT_TRUE(own.at("module").is_null());
  EXPECT_EQ(own.at("registered_name").as_string(), "Bread");
  EXPECT_THAT([&] { shelf.make("cakee"); },
              ThrowsMessage<ValueError>(
                  "There is no pastry of the name «cakee». Did you mean «Cake»? Known are Cake, cake, torte."));
  EXPECT_THAT([&] { shelf.read(3); }, ThrowsMessage<ValueError>(HasSubstr("No pastry can be made of 3")));
  EXPECT_THAT([&] { shelf.read(Config::map({{"layers", 3}})); }, ThrowsMessage<ValueError>(HasSubstr("class_name")));
}

}  // namespace
}  // namespace keras
