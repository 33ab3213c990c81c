module: rvui {
require runtime;
use commands;
use rvtypes;
use mode_manager;

global bool expandWidth = true;

global Configuration globalConfig =
    Configuration(nil, nil,
                  Color(0.0, 0.0, 0.0, 0.75),
                  Color(0.75, 0.75, 0.75, 1),
                  Color(0.4, 0.2, 0.0, 0.2),
                  Color(1.0, 0.75, 0.0, 1),
                  Color(0.5, 0.5, 0.5, 1.0),
                  Color(0.0, 0.0, 0.0, 1.0),
                  16.0, 12.0, 14.0,
                  0.5, 100.0, 25.0, 12.0,
                  16.0, 20.0, 10.0,
                  Color(0.3, 0.3, 0.3, 1.0),
                  Color(0.52, 0.52, 0.52, 1.0),
                  Color(0.1, 0.7, 0.2, 1.0),
                  Color(0.1, 0.3, 0.6, 1.0),
                  Color(0.01, 0.58, 0.85, 1.0),
                  Color(0.55, 0.55, 0.55, 1.0),
                  Color(0.65, 0.65, 1.0, 1.0),
                  Color(1.0, 0.25, 0.0, 1.0),
                  Color(0.0, 0.0, 0.0, 1.0),
                  Color(0.0, 0.0, 0.0, 1.0),
                  Color(0.42, 0.42, 0.42, 0.35),
                  Color(0.3, 0.3, 0.3, 0.25),
                  Color(0.0, 0.0, 0.0, .7),
                  Color(0.7, 0.7, 0.7, 0.5),
                  Color(0.7, 0.7, 0.7, 1.0),
                  "viewPDF", "viewHTML", runtime.build_os(), 20,
                  nil, nil, nil);

\: initStateObject (State; State s)
{
    s.config = globalConfig;
    s.feedbackQueueEnabled = true;
    s.feedbackQueue = FeedbackMessage[]();
    s.emptySessionStr = "Empty Session";
    s.pointerInSession = true;
    s.modeManager = ModeManagerMode();
    s.widgets = Widget[]();
    s.minorModes = MinorMode[]();
    s.minorModes.push_back(s.modeManager);
    s.firstRender = true;
    s.userActive = true;
    s.perPixelFrame = int.max;
    s.perPixelPosition = Vec2(10.0, 10.0);
    s.ddDropFiles = string[]();
    s.quitConfirmMessages = (string,string)[]();
    s.savedInOut = int[]();
    s.startupResize = commands.startupResize();
    return s;
}

\: newStateObject (State;) { initStateObject(State()); }

\: minorModeFromName (MinorMode; string nm)
{
    State state = data();
    for_each (m; state.minorModes) if (m._modeName == nm) return m;
    return nil;
}
}
