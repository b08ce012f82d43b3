# SPDX-License-Identifier: GPL-2.0-only
#
# The report.json of each repetition of a run (in the order of the arguments) to one line. Variable:
# name, the run's name.

function sorted(list, n, i, j, value)
{
    for (i = 2; i <= n; i++) {
        value = list[i]
        for (j = i; j > 1 && list[j - 1] > value; j--)
            list[j] = list[j - 1]
        list[j] = value
    }
}

function median(list, n)
{
    sorted(list, n)
    return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

# Figures stand two deep; parameters, of which the number of hosts is one, four deep.
/^  "(cpuSeconds|peakRssMb|delivered|events)":/ || /^    "nodes":/ {
    key = $1
    gsub(/[":]/, "", key)
    value = $2
    sub(/,$/, "", value)
    figure[key] = value + 0
    if (key == "cpuSeconds")
        cpu[++cpus] = value + 0
    if (key == "peakRssMb")
        peak[++peaks] = value + 0
}

END {
    if (!cpus || !peaks || !figure["delivered"] || !figure["events"] || !figure["nodes"]) {
        printf "%s: report.json lacks cpuSeconds, peakRssMb, delivered, events or nodes\n", name \
            | "cat >&2"
        exit 1
    }
    typical = median(cpu, cpus)
    mb = median(peak, peaks)
    printf "{\"name\": \"%s\", \"cpu_s\": %.3f, \"cpu_s_min\": %.3f, \"cpu_s_max\": %.3f, ", name, \
        typical, cpu[1], cpu[cpus]
    printf "\"peak_mb\": %.1f, \"deliveries_per_cpu_s\": %.0f, ", mb, \
        figure["delivered"] / (typical > 0 ? typical : 0.001)
    printf "\"events_per_delivery\": %.2f, \"bytes_per_host\": %.0f}\n", \
        figure["events"] / figure["delivered"], mb * 1e6 / figure["nodes"]
}
