#!/usr/bin/env bash
# POV-Ray into a player or RV through a pipe: 16-bit PPM, no file in between.
#   povray_live.sh [HOST:PORT [SCENE.pov [WIDTH HEIGHT [FRAMES]]]]
# Values are linear (File_Gamma=1); 16-bit integers do not say so, so the viewer is told.
# Without a scene it is the one below; with FRAMES an animation (clock from 0 to 1), frame by frame.
set -euo pipefail
target=${1:-127.0.0.1:45124} scene=${2:-} width=${3:-640} height=${4:-360} frames=${5:-1}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if [ -z "$scene" ]; then
    scene=$folder/scene.pov
    cat >"$scene" <<'POV'
#version 3.7;
global_settings { assumed_gamma 1 }
camera { location <0, 1.6, -6> right x * image_width / image_height
         look_at <0, 0.9, 0> angle 45 }
light_source { <4, 6, -4> rgb 1.3 area_light <1, 0, 0>, <0, 0, 1>, 3, 3 adaptive 1 jitter }
sky_sphere { pigment { gradient y color_map { [0 rgb <0.8, 0.9, 1>] [1 rgb <0.1, 0.3, 0.8>] } } }
plane { y, 0 pigment { checker rgb 0.8, rgb 0.15 } finish { reflection 0.15 } }
sphere { <0, 1, 0>, 1 pigment { rgb <0.9, 0.3, 0.1> } finish { phong 0.9 reflection 0.3 } }
torus { 1.3, 0.12 rotate x * 70 rotate y * 360 * clock translate y
        pigment { rgb <0.9, 0.8, 0.3> } finish { metallic phong 1 reflection 0.4 } }
POV
fi

rvshell=${RVSHELL:-rvshell}
for ((frame = 1; frame <= frames; frame++)); do
    clock=$(awk "BEGIN { print ($frame - 1) / $frames }")
    povray +I"$scene" +W"$width" +H"$height" +FP16 +O- -D File_Gamma=1 +A0.3 +K"$clock" 2>"$folder/messages" |
        $rvshell -t "$target" push - --name povray --frame "$frame" || {
        cat "$folder/messages" >&2
        exit 1
    }
    ((frame > 1)) || $rvshell -t "$target" set '#RVDisplayColor.color.sRGB' 1
done
