// The menu bar, for scripts that build upon it. The player itself shows none.

module: rvui {
use commands;
use rvtypes;
use extra_commands;
use app_utils;

\: _always (MenuStateFunc;) { enabledItem; }

// One item for each kind of a thing that a function switches to.
\: _choices (Menu; [(string, string)] kinds, (EventFunc;string) act, (MenuStateFunc;string) state)
{
    Menu made;
    for_each (kind; kinds) made.push_back(MenuItem(kind._0, act(kind._1), nil, state(kind._1)));
    return made;
}

documentation: "The menu of how pictures are looked at.";
\: buildViewMenu (Menu;)
{
    let stereo = _choices([("Off", "off"), ("Anaglyph", "anaglyph"),
                           ("Luminance Anaglyph", "lumanaglyph"), ("Side-by-Side", "pair"),
                           ("Mirror Side-by-Side", "mirror"), ("DLP Checker", "checker"),
                           ("Scanline", "scanline"), ("Left Eye Only", "left"),
                           ("Right Eye Only", "right")],
                          setStereo, isStereo),
        backgrounds = _choices([("Black", "black"), ("18% Grey", "grey18"), ("50% Grey", "grey50"),
                                ("White", "white"), ("Checker", "checker"),
                                ("Crosshatch", "crosshatch")],
                               \: (EventFunc; string kind)
                               {
                                   \: (void; Event event) { setBGMethod(kind); };
                               },
                               testBGPattern);
    return Menu {
        {"Stereo", stereo},
        {"Background", backgrounds},
        {"_", nil},
        {"Linear Filter", ~toggleFilter, "n", filterState},
        {"Matte Opacity...", enterMatteOpacity, nil, videoSourcesExistState}
    };
}

documentation: "All menus; those of the user come behind.";
\: buildMainMenu (Menu; [MenuItem] userMenus = nil)
{
    let export = Menu {
            {"Quicktime Movie...", exportAs(, "mov", "Quicktime Export"), "control e",
             videoSourcesExistAndExportOKState},
            {"Image Sequence...", exportAs(, "*", "Image Sequence Export"), nil,
             videoSourcesExistAndExportOKState},
            {"Marked Frames...", exportMarked, nil, hasMarksState},
            {"Annotated Frames...", exportAnnotatedFrames, nil, videoSourcesExistState},
            {"Snapshot...", exportFrame(, exportCurrentFrame), nil, videoSourcesExistState},
            {"Image Attributes...", exportAttrs, nil, videoSourcesExistState}
        },
        file = Menu {
            {"Open in New Session...", openMovieOrImage, nil, enabledItem},
            {"Add Source...", addMovieOrImageSources(, true, false), nil, enabledItem},
            {"Save Session", save, "control s", sourcesExistState},
            {"Save Session As...", saveAs, nil, sourcesExistState},
            {"Export", export},
            {"_", nil},
            {"Close Session", queryClose, "q", enabledItem}
        },
        control = Menu {
            {"Play", ~togglePlayFunc, "space", playState},
            {"Play Once", ~togglePlayOnce, nil, playOnceState},
            {"Ping Pong", ~togglePingPong, nil, pingPongState},
            {"Play All Frames", ~toggleRealtime, "A", realtimeState},
            {"_", nil},
            {"Go To Frame...", enterFrame, "G", rangeState},
            {"FPS...", enterFPS, "F", rangeState}
        },
        look = Menu {
            {"Exposure", exposureMode, "e", videoSourcesExistState},
            {"Gamma", gammaMode, "y", videoSourcesExistState},
            {"Saturation", saturationMode, "S", videoSourcesExistState},
            {"Hue", hueMode, "h", videoSourcesExistState},
            {"Contrast", contrastMode, "k", videoSourcesExistState}
        },
        all = Menu {
            {"File", file},
            {"Control", control},
            {"Color", look},
            {"View", buildViewMenu()}
        };
    return combine(all, userMenus);
}
}
