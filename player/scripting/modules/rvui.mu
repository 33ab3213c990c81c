// The session's state and configuration as they are when a session begins.

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

// Whoever appends to one of these expects it to be there.
\: _startLists (void; State fresh)
{
    fresh.widgets = Widget[]();
    fresh.minorModes = MinorMode[]();
    fresh.feedbackQueue = FeedbackMessage[]();
    fresh.quitConfirmMessages = StringPair[]();
    fresh.ddDropFiles = string[]();
    fresh.savedInOut = int[]();
}

// What begins otherwise than as zero, false or nil.
\: _startValues (void; State fresh)
{
    fresh.config = globalConfig;
    fresh.emptySessionStr = "Empty Session";
    fresh.startupResize = commands.startupResize();
    fresh.feedbackQueueEnabled = true;
    fresh.firstRender = true;
    fresh.pointerInSession = true;
    fresh.userActive = true;
    fresh.perPixelFrame = int.max;
    fresh.perPixelPosition = Vec2(10.0, 10.0);
}

\: layout (void; Event event)
{
    State state = data();
    for_each (mode; state.minorModes) if (mode.isActive()) mode.layout(event);
    for_each (widget; state.widgets) if (widget.isActive()) widget.layout(event);
}

// With nothing to see only those modes draw that ask for it.
\: render (void; Event event)
{
    event.reject();
    State state = data();
    let empty = currentFrameStatus() == NoImageStatus;

    if (!empty) for_each (F; state.config.renderImageSpace) F(event);

    for_each (mode; state.minorModes)
    {
        if (mode.isActive() && (!empty || mode._drawOnEmpty)) mode.render(event);
    }

    if (empty) return;
    for_each (widget; state.widgets) if (widget.isActive()) widget.render(event);
    for_each (F; state.config.renderViewSpace) F(event);
}

\: initStateObject (State; State s)
{
    _startLists(s);
    _startValues(s);

    // The manager of modes is a mode itself, the first of them.
    let manager = ModeManagerMode();
    s.modeManager = manager;
    s.minorModes.push_back(manager);

    // Whoever has a state may draw; RV binds these from the start.
    bind("default", "global", "render", render, "");
    bind("default", "global", "layout", layout, "");
    return s;
}

\: newStateObject (State;) { initStateObject(State()); }

\: minorModeFromName (MinorMode; string nm)
{
    State session = data();

    for_each (mode; session.minorModes)
    {
        if (mode._modeName == nm) return mode;
    }

    return nil;
}
}
