# SPDX-License-Identifier: GPL-2.0-only
#
# Google Benchmark's JSON to one line a benchmark, in the order of the program: its median of CPU
# nanoseconds and its counters. A benchmark that reports an error is named on stderr, exit 1.

function number(value)
{
    value += 0
    if (value == int(value))
        return sprintf("%.0f", value)
    return sprintf(value >= 1000 ? "%.0f" : value >= 100 ? "%.1f" : "%.2f", value)
}

function emit(line, i)
{
    line = sprintf("{\"name\": \"%s\", \"ns\": %s", field["run_name"], number(field["cpu_time"]))
    for (i = 1; i <= counters; i++)
        line = line sprintf(", \"%s\": %s", counter[i], number(field[counter[i]]))
    lines[field["family_index"] * 1000 + field["per_family_instance_index"]] = line "}"
}

BEGIN {
    split("name family_index per_family_instance_index run_name run_type repetitions " \
          "repetition_index threads aggregate_name aggregate_unit iterations real_time cpu_time " \
          "time_unit error_occurred error_message", words, " ")
    for (i in words)
        known[words[i]] = 1
}

/^    \{/ {
    split("", field)
    counters = 0
}

/^      "/ {
    key = $0
    sub(/^ *"/, "", key)
    sub(/".*/, "", key)
    value = $0
    sub(/^ *"[^"]*": */, "", value)
    sub(/,$/, "", value)
    gsub(/^"|"$/, "", value)
    field[key] = value
    if (!(key in known))
        counter[++counters] = key
}

/^    \}/ {
    if (field["error_occurred"] == "true" && !(field["name"] in told)) {
        printf "%s: %s\n", field["run_name"], field["error_message"] | "cat >&2"
        told[field["name"]] = 1
        failed = 1
    }
    if (field["aggregate_name"] == "median")
        emit()
}

END {
    for (key in lines) {
        for (i = ++n; i > 1 && order[i - 1] > key + 0; i--)
            order[i] = order[i - 1]
        order[i] = key + 0
    }
    for (i = 1; i <= n; i++)
        print lines[order[i]]
    close("cat >&2")
    exit failed
}
