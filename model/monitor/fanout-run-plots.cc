/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "fanout-run-plots.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace ns3
{

namespace
{

// Colours of Okabe and Ito, which people with any kind of colour vision can tell apart.
constexpr const char* HEAD = R"gp(set datafile separator ","
set encoding utf8
set linetype 1 lc rgb "#0072B2" lw 2
set linetype 2 lc rgb "#D55E00" lw 2
set linetype 3 lc rgb "#009E73" lw 2
set linetype 4 lc rgb "#CC79A7" lw 2
set linetype 5 lc rgb "#56B4E9" lw 2
set linetype 6 lc rgb "#E69F00" lw 2
set linetype cycle 6
set grid lc rgb "#dddddd" lw 1 lt 1
set border 3 lc rgb "#444444"
set tics nomirror
set style fill solid 0.85 noborder
png = 'pngcairo size 800,440 font "Sans,12" background "white"'
svg = 'svg size 800,440 font "Sans,14" background "white"'
)gp";

constexpr const char* LATENCY = R"gp(
stats "latency.csv" using 1 skip 1 nooutput
columns = STATS_columns
set title "From publication to delivery"
set xlabel "latency, ms (logarithmic)"
set ylabel "deliveries in that time"
set logscale x
set xrange [STATS_min * 0.9 : STATS_max * 1.1]
set xtics (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000)
set yrange [0:1.02]
set ytics ("0 %%" 0, "25 %%" 0.25, "50 %%" 0.5, "75 %%" 0.75, "100 %%" 1)
set key outside right top Left reverse samplen 2 noenhanced
do for [kind in "png svg"] {
    set terminal @png
    if (kind eq "svg") { set terminal @svg }
    set output stem . "." . kind
    plot for [i = 3 : columns] "latency.csv" using 1:i smooth cnormal lt i - 2 \
             title columnhead(i), \
         "latency.csv" using 1:2 smooth cnormal lc rgb "black" lw 3 title columnhead(2)
}
)gp";

constexpr const char* LEVELS = R"gp(
# Column 8 is the level, empty for peers that have none.
set table $levels
plot "peers.csv" using (valid(8) ? $8 : 0):(valid(8) ? 1 : 0) smooth frequency
unset table
set datafile separator whitespace
set title "How deep the peers stand in the tree, at the end"
set xlabel "level: hops from the root"
set ylabel "peers"
set boxwidth 0.7
set xtics 1 scale 0
set autoscale xfix
set offsets 0.1, 0.1, graph 0.08, 0
set yrange [0:*]
set grid noxtics
unset key
do for [kind in "png svg"] {
    set terminal @png
    if (kind eq "svg") { set terminal @svg }
    set output stem . "." . kind
    plot $levels using 1:2 with boxes lt 1, "" using 1:2:2 with labels offset 0, 0.6
}
)gp";

constexpr const char* CHILDREN = R"gp(
# Columns 10 and 11 are children and capacity; a leaf has none.
set table $children
plot "peers.csv" using (valid(11) && $11 > 0 ? $10 : 0):(valid(11) && $11 > 0 ? 1 : 0) \
         smooth frequency
unset table
set datafile separator whitespace
set title "How many children the root and the relays have, at the end"
set xlabel "children"
set ylabel "peers (logarithmic)"
set boxwidth 0.8
set autoscale xfix
set offsets 0.5, 0.5, 0, 0
set logscale y
set yrange [0.7:*]
set grid noxtics
unset key
do for [kind in "png svg"] {
    set terminal @png
    if (kind eq "svg") { set terminal @svg }
    set output stem . "." . kind
    plot $children using 1:($2 > 0 ? $2 : NaN) with boxes lt 1
}
)gp";

constexpr const char* UPLOAD = R"gp(
# Root and relays (column 11, the capacity, is above 0) by bytes sent (column 21), the busiest
# first, then added up.
set table $sorted
plot "peers.csv" using (valid(11) && $11 > 0 ? -$21 : 0):(valid(11) && $11 > 0 ? 1 : 0) \
         smooth frequency
unset table
set datafile separator whitespace
peers = 0
total = 0
set table $sums
plot $sorted using (peers = peers + $2):(total = total - $1 * $2) with table
unset table
set title "Who carries the load: bytes sent by the root and the relays"
set xlabel "so many of them, the busiest first"
set ylabel "share of all bytes they sent"
set xrange [0 : peers]
set yrange [0:1.02]
set ytics ("0 %%" 0, "25 %%" 0.25, "50 %%" 0.5, "75 %%" 0.75, "100 %%" 1)
set key bottom right
do for [kind in "png svg"] {
    set terminal @png
    if (kind eq "svg") { set terminal @svg }
    set output stem . "." . kind
    plot $sums using 1:($2 / total) with lines lt 1 lw 3 title "this run", \
         x / peers with lines lt 6 dt 2 title "if all sent the same"
}
)gp";

constexpr const char* REPAIR = R"gp(
png = 'pngcairo size 800,560 font "Sans,12" background "white"'
svg = 'svg size 800,560 font "Sans,14" background "white"'
set lmargin 11
set rmargin 3
set key above right samplen 2
set autoscale xfixmax
set xrange [0:*]
set yrange [0:*]
do for [kind in "png svg"] {
    set terminal @png
    if (kind eq "svg") { set terminal @svg }
    set output stem . "." . kind
    set multiplot layout 2, 1 title "What is missing over time"
    set ylabel "peers"
    unset xlabel
    plot "timeline.csv" using "time_s":"orphans" with fillsteps lt 2 \
             title "members without a parent"
    set ylabel "messages"
    set xlabel "time, s"
    plot "timeline.csv" using "time_s":(column("gaps") - column("repair_filled") - \
                                        column("given_up")) \
             with fillsteps lt 1 title "found missing, not yet repaired or let go"
    unset multiplot
}
)gp";

} // namespace

std::string
FanoutRunPlot::GetScript() const
{
    return "# plots/" + name + ".png and .svg from " + table +
           ": in the run's folder, gnuplot plots/" + name +
           ".gp\nif (!exists(\"stem\")) stem = \"plots/" + name + "\"\n" + HEAD + body +
           "unset output\n";
}

const std::vector<FanoutRunPlot>&
FanoutRunPlots()
{
    static const std::vector<FanoutRunPlot> plots{
        {"latency", "latency.csv", LATENCY},
        {"levels", "peers.csv", LEVELS},
        {"children", "peers.csv", CHILDREN},
        {"upload", "peers.csv", UPLOAD},
        {"repair", "timeline.csv", REPAIR},
    };
    return plots;
}

std::string
FanoutGnuplotText(const std::string& text)
{
    std::string quoted = "'";
    for (const char c : text)
    {
        quoted += c == '\'' ? "''" : std::string(1, c);
    }
    return quoted + "'";
}

bool
FanoutRunGnuplot(const std::vector<std::string>& arguments)
{
    std::vector<std::string> words{"gnuplot"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& word : words)
    {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child = -1;
    const int error = posix_spawnp(&child, "gnuplot", &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    return error == 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

} // namespace ns3
