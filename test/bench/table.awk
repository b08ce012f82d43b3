# SPDX-License-Identifier: GPL-2.0-only
#
# Lines of medians.awk and figures.awk as tables. With the variable baseline, a file that --save
# wrote, each figure is compared with that one's; lower is better of all that is compared.

# Fills entry with the figures of a line; its keys in order in keys, their number is returned.
function read_line(text, entry, keys, n, i, parts, pair)
{
    sub(/^ *\{/, "", text)
    sub(/\},?$/, "", text)
    n = split(text, parts, ", ")
    split("", entry)
    for (i = 1; i <= n; i++) {
        split(parts[i], pair, ": ")
        gsub(/"/, "", pair[1])
        gsub(/"/, "", pair[2])
        keys[i] = pair[1]
        entry[pair[1]] = pair[2]
    }
    return n
}

function short(value)
{
    if (value == "")
        return "-"
    return value >= 1000 ? sprintf("%.0f", value) : value
}

function verdict(then_, now, ratio)
{
    if (then_ == "" || then_ + 0 == 0)
        return "-     new"
    ratio = now / then_
    return sprintf("%.2f%s", ratio, ratio > 1.1 ? "  worse" : ratio < 0.9 ? "  better" : "")
}

function compare(title, label, n, names, then_, now, i, id)
{
    printf "%-42s | %12s | %12s | %s\n", title, "baseline" label, "now" label, "ratio"
    for (i = 1; i <= n; i++) {
        id = names[i]
        printf "%-42s | %12s | %12s | %s\n", id, short(then_[id]), short(now[id]), \
            verdict(then_[id], now[id])
    }
}

function show_times(i, j)
{
    printf "%-32s | %12s | %s\n", "name", "ns", "counters"
    for (i = 1; i <= times; i++)
        printf "%-32s | %12s | %s\n", timed[i], short(now_ns[timed[i]]), \
            timed[i] in more ? more[timed[i]] : "-"
}

function show_runs(i)
{
    printf "%-16s | %23s | %8s | %12s | %10s | %10s\n", "run", "CPU s min/median/max", "peak MB", \
        "deliveries/s", "events per", "bytes a"
    printf "%-16s | %23s | %8s | %12s | %10s | %10s\n", "", "", "", "of CPU", "delivery", "host"
    for (i = 1; i <= runs; i++)
        print run_line[i]
}

function add_run(entry)
{
    run_line[++runs] = sprintf("%-16s | %23s | %8s | %12s | %10s | %10s", entry["name"], \
        entry["cpu_s_min"] "/" entry["cpu_s"] "/" entry["cpu_s_max"], entry["peak_mb"], \
        entry["deliveries_per_cpu_s"], entry["events_per_delivery"], entry["bytes_per_host"])
}

BEGIN {
    split("cpu_s peak_mb events_per_delivery bytes_per_peer", comparable, " ")
    while (baseline != "" && (getline text < baseline) > 0) {
        if (text !~ /^ *\{"name"/)
            continue
        read_line(text, entry, keys)
        then_ns[entry["name"]] = entry["ns"]
        for (i = 1; i in comparable; i++)
            if (comparable[i] in entry)
                then_figure[entry["name"] " " comparable[i]] = entry[comparable[i]]
    }
}

{
    n = read_line($0, entry, keys)
    if ("ns" in entry) {
        timed[++times] = entry["name"]
        now_ns[entry["name"]] = entry["ns"]
        for (i = 3; i <= n; i++)
            more[entry["name"]] = more[entry["name"]] (i > 3 ? ", " : "") keys[i] " " entry[keys[i]]
    }
    else
        add_run(entry)
    for (i = 1; i in comparable; i++)
        if (comparable[i] in entry) {
            figured[++figures] = entry["name"] " " comparable[i]
            now_figure[figured[figures]] = entry[comparable[i]]
        }
}

END {
    if (baseline == "") {
        if (times)
            show_times()
        if (runs)
            show_runs()
    }
    else {
        if (times)
            compare("name", " ns", times, timed, then_ns, now_ns)
        if (figures)
            compare("figure", "", figures, figured, then_figure, now_figure)
    }
}
