# SPDX-License-Identifier: GPL-2.0-only
# In doc: gnuplot repair.gp
set terminal pngcairo size 900,380 font "sans,10"
set output "repair.png"
set multiplot layout 1,2
set xlabel "DATA frames lost a hop (%)"
set xrange [0:21]
set key left bottom
set grid
set title "delivered within 2 s (%), with churn"
set yrange [50:101]
plot "repair.dat" index 1 using 2:3 with linespoints title "no repair", \
     "" index 1 using 2:8 with linespoints title "parent", \
     "" index 1 using 2:13 with linespoints title "parent and neighbours"
set title "latency, 99th percentile (ms)"
set yrange [0:1500]
set key left top
plot "repair.dat" index 0 using 2:9 with linespoints title "parent, no churn", \
     "" index 0 using 2:14 with linespoints title "both, no churn", \
     "" index 1 using 2:9 with linespoints title "parent, churn", \
     "" index 1 using 2:14 with linespoints title "both, churn"
unset multiplot
