// Types that packages share: State, Configuration, modes, widgets, external processes.
//
// Fields, methods and signatures are those of RV's module of this name. What RV itself draws is the
// player's (the state's widgets stay nil); modes and widgets of packages draw in render().

module: rvtypes {
use commands;
use math;
require io;
require system;

VoidFunc := (void;);
EventFunc := (void; Event);
Vec2 := vector float[2];
Vec3 := vector float[3];
Vec4 := vector float[4];
Point := Vec2;
Color := Vec4;
BBox := Vec4;
NameValueBounds := (Vec2, float[4][], float[4][], int);
DropFunc := (void; int, string);
Glyph := (void; bool);

class: FeedbackMessage
{
    string text;
    float duration;
    Glyph glyphFunc;
    float[] textSizes;

    method: FeedbackMessage (FeedbackMessage; string t, float d, Glyph g, float[] sizes)
    {
        // What is shown, then for how long.
        text = t;
        textSizes = sizes;
        glyphFunc = g;
        duration = d;
    }
}

StringPair := (string, string);
MenuStateFunc := (int;);
BoolFunc := (bool;);
TextCommitFunc := (void; string);
PromptFunc := (string;);
Menu := MenuItem[];
MenusFunc := (Menu[];);
DefaultDirFunc := (string;);
ConfirmFunc := (void; string);
Labels := string[];
BBoxes := BBox[];
BindingList := [(string, EventFunc, string)];
DefaultFeedbackTextSize := 20.0;
DefaultGamma := 1.0;
DefaultHue := 0.0;
DefaultSaturation := 1.0;
DefaultContrast := 0.0;
DefaultExposure := 0.0;
DefaultOffset := 0.0;
PixelSources := PixelImageInfo[];

union: RenderFunctionType { ImageSpaceRender | ViewSpaceRender }

// How rvio and its like say what they do; the first group is the part that is shown.
_progressPattern := ".*\(([0-9]+(\.[0-9]*)?)% done\).*";
_messagePattern := "INFO:[ \t]+([^(]+)(\([0-9]+\.?[0-9]*% +done\))?";

documentation: "A program that tells its progress; external_ioprocess has one that runs."
class: ExternalProcess
{
    string _name;
    string _lastMessage;
    VoidFunc _cleanup;
    float _progress;
    regex _progressRE;
    regex _messageRE;
    int _exitcode;
    string _cancelDetails;

    union: Type { ReadOnly | ReadWrite };

    method: finish (void; int exitcode = -1) {;}
    method: isFinished (bool;) { return false; }
    method: cancel (void;) {;}
    method: processIO (void;) {;}

    method: init (string name,
                  string path,
                  Type t,
                  VoidFunc cleanup_func,
                  regex progressRE = _progressPattern,
                  regex messageRE = _messagePattern)
    {
        _name = name;
        _messageRE = messageRE;
        _progressRE = progressRE;
        _progress = 0;

        // How it ends: nobody knows yet, but somebody waits for it.
        _exitcode = 0;
        _cancelDetails = nil;
        _cleanup = cleanup_func;
    }
}

documentation: "Preferences of looks and behaviour."
class: Configuration
{
    string lastOpenDir;
    string lastLUTDir;
    Color bg;
    Color fg;
    Color bgErr;
    Color fgErr;
    Color bgFeedback;
    Color fgFeedback;
    float textEntryTextSize;
    float inspectorTextSize;
    float infoTextSize;
    float wipeFade;
    float wipeFadeProximity;
    float wipeGrabProximity;
    float wipeInfoTextSize;
    float msFrameTextSize;
    float tlFrameTextSize;
    float tlBoundsTextSize;
    Color tlBoundsColor;
    Color tlRangeColor;
    Color tlCacheColor;
    Color tlCacheFullColor;
    Color tlAudioCacheColor;
    Color tlInOutCapsColor;
    Color tlMarkedColor;
    Color tlSkipColor;
    Color tlSkipTextColor;
    Color matteColor;
    Color bgVCR;
    Color fgVCR;
    Color bgTlVCR;
    Color bgVCRButton;
    Color hlVCRButton;
    string pdfReader;
    string htmlReader;
    string os;
    int bevelMargin;
    MenusFunc menuBarCreationFunc;
    [EventFunc] renderImageSpace;
    [EventFunc] renderViewSpace;
}

// -- what modes and widgets have in common --------------------------------------------------

\: _setModeActive (void; string modeName, bool on)
{
    if (on) activateMode(modeName);
    else deactivateMode(modeName);
}

// Menus, tool bars and other packages follow a mode by this event.
\: _tellToggled (void; string modeName, bool on)
{
    let contents = "%s|%s" % (modeName, on);
    redraw();
    sendInternalEvent("mode-toggled", contents, "Mode");
}

// Keep a preference for the next session; gives the value.
\: _remember (bool; string group, string name, bool value)
{
    writeSetting(group, name, SettingsValue.Bool(value));
    value;
}

\: _bindAll (void; string modeName, string table, BindingList bindings, bool patterns)
{
    for_each (binding; bindings)
    {
        let (what, handler, help) = binding;
        if (patterns) bindRegex(modeName, table, what, handler, help);
        else bind(modeName, table, what, handler, help);
    }
}

// What Widget._whichMargin says of a widget that floats.
_noMargin := -1;

\: _within (bool; float at, float start, float size)
{
    at >= start && at <= start + size;
}

documentation: "A feature that can be switched on and off."
class: Mode
{
    bool _active;
    string _modeName;
    Menu _menu;
    string _supportFilesPath;
    bool _drawOnEmpty;
    bool _drawOnPresentation;

    documentation: "Called right after the mode was switched on."
    method: activate (void;) {;}

    documentation: "Called right before the mode is switched off."
    method: deactivate (void;) {;}

    method: isActive (bool;) { return _active; }
    method: name (string;) { return _modeName; }

    documentation: "Switch the mode, redraw, and tell with the event mode-toggled."
    method: toggle (void;)
    {
        let on = !_active;
        _active = on;

        // Either method runs while the session has the mode's bindings.
        if (!on) this.deactivate();
        _setModeActive(_modeName, on);
        if (on) this.activate();

        _tellToggled(_modeName, _active);
    }

    method: layout (void; Event event) {;}
    method: render (void; Event event) {;}

    documentation: "Folder of a package's support files; nil when its module has no file."
    method: supportPath (string; string moduleName, string packageName)
    {
        for_each (place; runtime.module_locations())
        {
            if (place._0 == moduleName)
            {
                let root = io.path.dirname(io.path.dirname(place._1));
                return io.path.join(io.path.join(root, "SupportFiles"),
                                    io.path.without_extension(packageName));
            }
        }

        return nil;
    }

    documentation: "The same for a package that is called like its module."
    method: supportPath (string; string moduleName) { supportPath(moduleName, moduleName); }

    documentation: "A writable folder for a package's settings, made when it does not exist."
    method: configPath (string; string packageName)
    {
        let base = system.getenv("TWK_APP_SUPPORT_PATH", cacheDir()),
            user = string.split(base, io.path.concat_separator()).front(),
            folder = io.path.join(io.path.join(user, "ConfigFiles"), packageName);

        try
        {
            for_each (d; [io.path.dirname(folder), folder])
            {
                if (!io.path.exists(d)) system.mkdir(d, 0x1c0);
            }
        }
        catch (...)
        {
            print("ERROR: mode config path failed to create directory %s\n" % folder);
        }

        return folder;
    }
}

// From here on the session knows the mode, and bindings can be given to it.
\: _introduce (void; Mode mode, string name, string sortKey, int ordering)
{
    mode._modeName = name;
    mode._drawOnEmpty = false;
    mode._drawOnPresentation = false;
    defineMinorMode(mode._modeName, sortKey, ordering);
}

documentation: "A mode with bindings; many can be active together."
class: MinorMode : Mode
{
    method: init (void;
                  string name,
                  BindingList globalBindings,
                  BindingList overrideBindings,
                  Menu menu = nil,
                  string sortKey = nil,
                  int ordering = 0)
    {
        _introduce(this, name, sortKey, ordering);

        // Of two bindings of an event the later one holds, so overrides come last.
        for_each (table; [globalBindings, overrideBindings]) defineEventTable("global", table);
        setMenu(menu);
    }

    method: init (void; string name, BindingList blist, bool dummy)
    {
        MinorMode.init(this, name, nil, blist, nil, nil, 0);
    }

    \: _giveMenu (void; MinorMode this, Menu menu, bool strict)
    {
        this._menu = menu;
        defineModeMenu(this._modeName, menu, strict);
    }

    method: setMenu (void; Menu menu) { _giveMenu(this, menu, false); }
    method: setMenuStrict (void; Menu menu) { _giveMenu(this, menu, true); }

    method: defineEventTable (void; string tableName, BindingList bindings)
    {
        _bindAll(_modeName, tableName, bindings, false);
    }

    method: defineEventTableRegex (void; string tableName, BindingList bindings)
    {
        _bindAll(_modeName, tableName, bindings, true);
    }

    documentation: "What to do with a dropped URL, and what to say about it; nil: not mine."
    method: urlDropFunc (((void; int, string), string); string url)
    {
        DropFunc notMine = nil;
        string unsaid = nil;
        (notMine, unsaid);
    }
}

documentation: "A mode that occupies a rectangle of the view."
class: Widget : MinorMode
{
    class: Button
    {
        float _x;
        float _y;
        float _w;
        float _h;
        (void; Event) _callback;
        bool _near;

        // To RV a button is as high as it is wide, whatever its _h says.
        \: inside (bool; Button this, int x, int y)
        {
            _within(x, _x, _w) && _within(y, _y, _w);
        }
    }

    bool _multiple;
    Configuration _config;
    float _x;
    float _y;
    float _w;
    float _h;
    Point _downPoint;
    bool _dragging;
    bool _inCloseArea;
    bool _containsPointer;
    Button[] _buttons;
    int _whichMargin;

    method: layout (void; Event event) {;}
    method: render (void; Event event);

    \: _forgetPointer (void; Widget this)
    {
        this._containsPointer = false;
        this._inCloseArea = false;
    }

    method: init (void;
                  string n,
                  BindingList g,
                  BindingList o,
                  Menu m = nil,
                  string s = nil,
                  int or = 0)
    {
        _forgetPointer(this);
        MinorMode.init(this, n, g, o, m, s, or);
    }

    method: init (void; string name, BindingList blist, bool allowMultipleInstances = true)
    {
        Widget.init(this, name, nil, blist, nil, nil, 0);
        _multiple = allowMultipleInstances;
        _whichMargin = _noMargin;
    }

    method: toggle (void;)
    {
        let on = _remember("Tools", "show_" + _modeName, !_active);
        _active = on;
        _setModeActive(_modeName, on);
        if (!on) updateMargins(false);
        _tellToggled(_modeName, _active);
    }

    documentation: "Claim the margin this widget is in, or give it back on every device."
    method: updateMargins (void; bool activated)
    {
        if (_whichMargin == _noMargin) return;

        if (!activated)
        {
            // A margin of -1 is left as it is: the other three may be somebody else's.
            Vec4 freed = Vec4(-1, -1, -1, -1);
            freed[_whichMargin] = 0;
            for_each (everyDevice; [false, true]) setMargins(freed, everyDevice);
            return;
        }

        let wanted = requiredMarginValue(),
            claimed = margins();

        if (claimed[_whichMargin] >= wanted) return;
        claimed[_whichMargin] = wanted;
        setMargins(claimed);
    }

    method: updateBounds (void; Vec2 minp, Vec2 maxp)
    {
        let size = maxp - minp;
        _x = minp.x;
        _y = minp.y;
        _w = size.x;
        _h = size.y;

        // While it is dragged the bindings must not slip away from under the pointer.
        if (_dragging || !isModeActive(_modeName)) return;
        setEventTableBBox(_modeName, "global", minp, maxp);
        updateMargins(true);
    }

    method: contains (bool; Vec2 p) { _within(p.x, _x, _w) && _within(p.y, _y, _h); }

    documentation: "Width of the margin needed: 0 left, 1 right, 2 top, 3 bottom."
    method: requiredMarginValue (float;)
    {
        let view = viewSize(),
            scale = devicePixelRatio();

        if (_whichMargin == 0) return (_x + _w) * scale;
        if (_whichMargin == 1) return view.x - _x * scale;
        if (_whichMargin == 2) return view.y - _y * scale;
        if (_whichMargin == 3) return (_y + _h) * scale;
        return 0.0;
    }

    method: drawInMargin (void; int whichMargin) { _whichMargin = whichMargin; }
}

documentation: "The session's memory of its user interface: commands.data()."
class: State
{
    Configuration config;
    int scrubFrameOrigin;
    bool scrubbed;
    bool pushed;
    bool scrubDisabled;
    bool clickToPlayDisabled;
    bool playingBefore;
    Point downPoint;
    float downScale;
    bool scrubAudio;
    string emptySessionStr;
    bool firstRender;
    bool pointerInSession;
    PixelSources pixelInfo;
    Point pointerPosition;
    Point pointerPositionNormalized;
    string currentInput;
    int perPixelFrame;
    Point perPixelPosition;
    int perPixelViewHash;
    bool perPixelInfoValid;
    bool showInfoStrip;
    bool stepWraps;
    bool scrubClamps;
    bool lockResizeScale;
    float feedback;
    string feedbackText;
    Glyph feedbackGlyph;
    float[] feedbackTextSizes;
    bool feedbackQueueEnabled;
    bool feedbackQueueTruncate;
    FeedbackMessage[] feedbackQueue;
    DefaultDirFunc defaultOpenDir;
    DefaultDirFunc defaultSaveDir;
    DefaultDirFunc defaultLUTDir;
    DefaultDirFunc default3DLUTDir;
    int loadingCount;
    int bufferingCount;
    string parameter;
    float parameterValue;
    float parameterScale;
    float parameterReset;
    float parameterMinValue;
    (float;) parameterGranularity;
    float parameterPrecision;
    int parameterChannel;
    bool parameterLocked;
    string parameterNode;
    bool showMatte;
    float matteAspect;
    float matteOpacity;
    bool textEntry;
    TextCommitFunc textFunc;
    string prompt;
    string text;
    bool textOkWhenEmpty;
    float filestripX1;
    bool dragDropOccuring;
    int ddType;
    string ddContent;
    int ddRegion;
    DropFunc ddDropFunc;
    int ddFileKind;
    bool ddProgressiveDrop;
    string[] ddDropFiles;
    object ddDropTimer;
    bool ddNoSequence;
    float lastPixelBlockTime;
    bool userActive;
    bool unsavedChanges;
    bool startupResize;
    ExternalProcess externalProcess;
    Widget timeline;
    Widget motionScope;
    Widget imageInfo;
    Widget inspector;
    Widget infoStrip;
    Widget processInfo;
    Widget sourceDetails;
    MinorMode modeManager;
    MinorMode sessionManager;
    MinorMode wipe;
    MinorMode sync;
    Widget[] widgets;
    MinorMode[] minorModes;
    object clickTimer;
    (string, string)[] quitConfirmMessages;
    int[] savedInOut;

    method: toggleStepWraps (void;)
    {
        stepWraps = _remember("Controls", "stepWraps", !stepWraps);
    }

    method: toggleScrubClamps (void;)
    {
        scrubClamps = _remember("Controls", "scrubClamps", !scrubClamps);
    }

    documentation: "Forget everything that speaks against quitting."
    method: clearQuitMessages (void;) { quitConfirmMessages.clear(); }

    documentation: "The latest reason not to quit, or nil."
    method: getQuitMessage (string;)
    {
        if (quitConfirmMessages.empty()) return nil;
        return quitConfirmMessages.back()._1;
    }

    documentation: "Give a reason not to quit, under a name of its own."
    method: registerQuitMessage (void; string registrar, string message)
    {
        quitConfirmMessages.push_back((registrar, message));
    }

    documentation: "Take back the reasons that were given under a name."
    method: unregisterQuitMessage (void; string registrar)
    {
        (string, string)[] left = (string, string)[]();
        for_each (m; quitConfirmMessages) if (m._0 != registrar) left.push_back(m);
        quitConfirmMessages = left;
    }
}

// -- handlers that widgets have in common ---------------------------------------------------

\: storeDownPoint (void; Widget widget, Event event)
{
    widget._downPoint = event.pointer();
}

\: drag (void; Widget widget, Event event)
{
    if (widget._whichMargin != _noMargin) return;

    let from = widget._downPoint;
    storeDownPoint(widget, event);
    widget._dragging = true;
    redraw();

    // A press in the closing corner is going to close the widget; it stays where it is.
    if (widget._inCloseArea) return;
    let way = widget._downPoint - from;
    widget._x += way.x;
    widget._y += way.y;
}

\: _nearClosing (bool; Event event)
{
    State session = data();
    let corner = vec2f(0, event.subDomain().y);
    mag(event.relativePointer() - corner) < session.config.bevelMargin;
}

\: move (void; Widget widget, Event event)
{
    let near = _nearClosing(event),
        inside = widget.contains(event.pointer());

    if (near != widget._inCloseArea) redraw();
    widget._inCloseArea = near && inside;
    widget._containsPointer = inside;
    widget._dragging = false;

    // Only looked at: whoever is under the widget wants to know where the pointer is too.
    event.reject();
}

\: _buttonAt (Widget.Button; Widget widget, Point p)
{
    if (widget._buttons eq nil) return nil;

    for_each (button; widget._buttons)
    {
        if (button._callback neq nil && button.inside(p.x, p.y)) return button;
    }

    return nil;
}

// A widget that has no way of its own to close is switched off.
\: _close (void; Widget shown, (void;) closeFunc)
{
    if (closeFunc neq nil) { closeFunc(); }
    else if (shown._active) { shown.toggle(); }

    shown._inCloseArea = false;
}

\: release (void; Widget widget, Event event, (void;) closeFunc)
{
    let button = _buttonAt(widget, event.pointer());
    widget._dragging = false;

    if (button neq nil)
    {
        button._callback(event);
        return;
    }

    if (_nearClosing(event)) _close(widget, closeFunc);
    storeDownPoint(widget, event);
}
}
