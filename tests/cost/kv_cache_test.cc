// SPDX-License-Identifier: Apache-2.0
#include "cost/kv_cache.h"

#include <catch2/catch.hpp>

#include "tests/support/models.h"

using namespace nngauge;
using namespace nngauge::test;

namespace {

// Keys and values are joined to what was kept, as decoders that are exported part by part do it.
std::string joined(const std::string& past, const std::string& name = "past_key_values.0.key") {
  return "graph 0\n"
         "tensor 0 name=\"k\" dtype=float16 shape=[1,8,1,64]\n"
         "tensor 1 name=\"" +
         name + "\" dtype=float16 shape=" + past +
         "\n"
         "tensor 2 name=\"present.0.key\" dtype=float16\n"
         "op Concat name=\"c\" source=\"Concat\" index=0 in=1,0 out=2 attrs=axis axis=-2\n"
         "inputs 0 1\noutputs 2\n";
}

}  // namespace

TEST_CASE("KV cache: what is joined to a cache of the context grows along the axis that differs") {
  const auto cache = find_kv_cache(completed_from(joined("[1,8,100,64]")));
  REQUIRE(cache);
  CHECK(cache->tensors == 1);
  CHECK(cache->bytes == 8 * 100 * 64 * 2);
  CHECK(cache->tokens == 100);
  CHECK(cache->bytes_per_token == 8 * 64 * 2);
  CHECK(cache->bytes_for(4096) == 4096ULL * 8 * 64 * 2);
  CHECK_FALSE(cache->bytes_for(UINT64_MAX));
}

TEST_CASE("KV cache: an open context has bytes a token all the same") {
  const auto cache = find_kv_cache(completed_from(joined("[1,8,\"past\",64]")));
  REQUIRE(cache);
  CHECK(cache->bytes == 0);
  CHECK_FALSE(cache->tokens);
  CHECK(cache->bytes_per_token == 8 * 64 * 2);
}

TEST_CASE("KV cache: neither hidden states nor tables of rotations are one") {
  CHECK_FALSE(find_kv_cache(completed_from(joined("[1,8,100,64]", "hidden_states"))));
  CHECK_FALSE(find_kv_cache(completed_from(joined("[1,8,100,64]", "cos_cache"))));
}

TEST_CASE("KV cache: of a fixed size, where nothing says which axis is that of the tokens") {
  const auto cache =
      find_kv_cache(completed_from("graph 0\n"
                                   "tensor 0 name=\"kv_cache_k_0\" dtype=int8 shape=[1,1280,4,256]\n"
                                   "tensor 1 name=\"kv_cache_out\" dtype=int8\n"
                                   "op Relu name=\"r\" source=\"Relu\" index=0 in=0 out=1 attrs=none\n"
                                   "inputs 0\noutputs 1\n"));
  REQUIRE(cache);
  CHECK(cache->bytes == 1280 * 4 * 256);
  CHECK_FALSE(cache->bytes_per_token);
  CHECK(cache->reason == "cache \"kv_cache_k_0\" [1,1280,4,256]: which axis is that of the tokens is not known");
}

TEST_CASE("KV cache: of a fixed size, into which new tokens are written") {
  const auto cache =
      find_kv_cache(completed_from("graph 0\n"
                                   "tensor 0 name=\"kv_cache_k_0\" dtype=float32 shape=[1,1280,4,256]\n"
                                   "tensor 1 name=\"new\" dtype=float32 shape=[1,1,4,256]\n"
                                   "tensor 2 name=\"at\" dtype=int32 shape=[4]\n"
                                   "tensor 3 name=\"kv_cache_k_0_out\" dtype=float32 shape=[1,1280,4,256]\n"
                                   "op DynamicUpdateSlice name=\"u\" source=\"u\" index=0 in=0,1,2 out=3 attrs=none\n"
                                   "inputs 0 1 2\noutputs 3\n"));
  REQUIRE(cache);
  CHECK(cache->tokens == 1280);
  CHECK(cache->bytes_per_token == 4 * 256 * 4);
}
