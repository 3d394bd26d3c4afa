// SPDX-License-Identifier: Apache-2.0
#include "report/format.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace nngauge {

std::string Style::wrap(std::string_view code, std::string_view text) const {
  if (!colour_ || text.empty()) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string count_or_unknown(const std::optional<std::uint64_t>& value) {
  return value ? with_thousands(*value) : "unknown";
}

std::string percent_or_blank(const std::optional<double>& share) { return share ? percent(*share) : ""; }

std::string percent(double share) {
  const double hundredths = share * 100;
  if (hundredths > 0 && hundredths < 0.05) return "<0.1 %";
  if (hundredths < 100 && hundredths >= 99.95) return ">99.9 %";
  return fixed(hundredths, 1) + " %";
}

std::string milliseconds(double value) {
  if (!std::isfinite(value)) return "unknown";
  const double size = std::abs(value);
  if (size >= 999.5) return (value < 0 ? "-" : "") + with_thousands(static_cast<std::uint64_t>(std::llround(size)));
  const int decimals = size == 0 ? 0 : std::clamp(2 - static_cast<int>(std::floor(std::log10(size))), 0, 6);
  return fixed(value, decimals);
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string shortened(std::string_view text, std::size_t width) {
  const std::string whole = printable(text);
  if (whole.size() <= width || width < 5) return whole;
  // Cuts only between code points.
  const auto boundary = [&](std::size_t at) {
    while (at < whole.size() && (static_cast<unsigned char>(whole[at]) >> 6) == 2) ++at;
    return at;
  };
  const std::size_t head = boundary((width - 1) / 3);
  const std::size_t tail = boundary(whole.size() - (width - 1 - (width - 1) / 3));
  return whole.substr(0, head) + "\xE2\x80\xA6" + whole.substr(tail);
}

std::string plural(std::uint64_t count, std::string_view singular, std::string_view plural_form) {
  std::string out = with_thousands(count) + " ";
  if (count == 1) return out + std::string(singular);
  return out + (plural_form.empty() ? std::string(singular) + "s" : std::string(plural_form));
}

}  // namespace nngauge
