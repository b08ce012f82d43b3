# SPDX-License-Identifier: GPL-2.0-only
#
# doc/growth.png from doc/growth.dat: in this folder, gnuplot growth.gp

set terminal pngcairo size 900,380 font "Sans,10"
set output "growth.png"
set multiplot layout 1,2
set logscale xy
set xlabel "peers"
set xrange [600:1.6e6]
set format x "10^{%T}"
set grid
set key top left

set ylabel "CPU us"
set yrange [0.3:3000]
set title "CPU"
plot "growth.dat" index 0 using 1:2 with linespoints pt 7 lc rgb "#1f77b4" title "live, a delivery", \
     "growth.dat" index 1 using 1:2 with linespoints pt 5 lc rgb "#d62728" title "scale, a peer, set-up and joins"

set ylabel "bytes of peak RSS a peer"
set yrange [1000:100000]
set title "Memory"
plot "growth.dat" index 0 using 1:3 with linespoints pt 7 lc rgb "#1f77b4" title "live", \
     "growth.dat" index 1 using 1:3 with linespoints pt 5 lc rgb "#d62728" title "scale"
unset multiplot
