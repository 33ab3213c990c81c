// Widgets over the picture as objects: what programs find in the session's state (s.wipe,
// s.timeline ...) once one was shown. The player draws them; these switch them and tell of them.

module: wipes {
use rvtypes;
use commands;
require rvui;
require extra_commands;

documentation: "Wipes: edges of the images of a stack that are dragged."
class: Wipe : MinorMode
{
    documentation: "On or off; the edges stay. rvui.toggleWipe brings back what was cut off."
    method: toggle (void;)
    {
        if (isActive()) MinorMode.toggle(this); else rvui.toggleWipe();
    }

    method: resetAll (void; Event event)
    {
        for_each (n; extra_commands.nodesInEvalPath(frame(), "RVTransform2D"))
        {
            setFloatProperty(n + ".stencil.visibleBox", float[] {0, 1, 0, 1});
        }
        redraw();
    }

    method: quitWipes (void; Event event) { if (isActive()) rvui.toggleWipe(); }
}

\: constructor (MinorMode; string name)
{
    let wipe = Wipe();
    wipe._modeName = name;
    return wipe;
}

\: quitWipes (void;)
{
    State state = data();
    Wipe wipe = state.wipe;
    if (wipe neq nil) wipe.quitWipes(nil);
}

documentation: "Another widget; `flip` shows and hides it."
class: Shown : Widget
{
    (void;) _flip;

    method: toggle (void;) { _flip(); }
    method: render (void; Event event) {;}
}

\: shown (Widget; string name)
{
    let widget = Shown();
    widget._modeName = name;
    widget._flip =
        if name == "timeline" then rvui.toggleTimeline
        else if name == "motionScope" then extra_commands.toggleMotionScope
        else if name == "imageinfo" then rvui.toggleInfo
        else if name == "inspector" then rvui.toggleColorInspector
        else if name == "infoStrip" then rvui.toggleInfoStrip
        else if name == "processinfo" then rvui.toggleProcessInfo
        else rvui.toggleSourceDetails;
    return widget;
}
}
