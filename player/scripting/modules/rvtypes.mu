// Types that packages share: State, Configuration, modes, widgets, external processes.
//
// Fields, methods and signatures are those of RV's module of this name. Nothing is drawn in a
// player, so render() is never called, and the state's widgets stay nil.

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
        text = t;
        duration = d;
        glyphFunc = g;
        textSizes = sizes;
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
                  regex progressRE = ".*\(([0-9]+(\.[0-9]*)?)% done\).*",
                  regex messageRE = "INFO:[ \t]+([^(]+)(\([0-9]+\.?[0-9]*% +done\))?")
    {
        _name = name;
        _cleanup = cleanup_func;
        _progressRE = progressRE;
        _messageRE = messageRE;
        _progress = 0;
        _exitcode = 0;
        _cancelDetails = nil;
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
        _active = !_active;

        if (_active)
        {
            activateMode(_modeName);
            this.activate();
        }
        else
        {
            this.deactivate();
            deactivateMode(_modeName);
        }

        redraw();
        sendInternalEvent("mode-toggled", "%s|%s" % (_modeName, _active), "Mode");
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

    method: supportPath (string; string moduleName)
    {
        return supportPath(moduleName, moduleName);
    }

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
        _modeName = name;
        _drawOnEmpty = false;
        _drawOnPresentation = false;

        defineMinorMode(name, sortKey, ordering);
        defineEventTable("global", globalBindings);
        defineEventTable("global", overrideBindings);
        setMenu(menu);
    }

    method: init (void; string name, BindingList blist, bool dummy)
    {
        MinorMode.init(this, name, nil, blist, nil, nil, 0);
    }

    method: setMenu (void; Menu menu)
    {
        _menu = menu;
        defineModeMenu(_modeName, _menu, false);
    }

    method: setMenuStrict (void; Menu menu)
    {
        _menu = menu;
        defineModeMenu(_modeName, _menu, true);
    }

    method: defineEventTable (void; string tableName, BindingList bindings)
    {
        for_each (b; bindings)
        {
            let (event, func, docs) = b;
            bind(_modeName, tableName, event, func, docs);
        }
    }

    method: defineEventTableRegex (void; string tableName, BindingList bindings)
    {
        for_each (b; bindings)
        {
            let (event, func, docs) = b;
            bindRegex(_modeName, tableName, event, func, docs);
        }
    }

    documentation: "What to do with a dropped URL, and what to say about it; nil: not mine."
    method: urlDropFunc (((void; int, string), string); string url)
    {
        (void; int, string) f = nil;
        string s = nil;
        return (f, s);
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

        \: inside (bool; Button this, int x, int y)
        {
            x >= _x && x <= (_x + _w) && y >= _y && y <= (_y + _w);
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

    method: init (void;
                  string n,
                  BindingList g,
                  BindingList o,
                  Menu m = nil,
                  string s = nil,
                  int or = 0)
    {
        _inCloseArea = false;
        _containsPointer = false;
        MinorMode.init(this, n, g, o, m, s, or);
    }

    method: init (void; string name, BindingList blist, bool allowMultipleInstances = true)
    {
        MinorMode.init(this, name, nil, blist, nil, nil, 0);
        _multiple = allowMultipleInstances;
        _inCloseArea = false;
        _whichMargin = -1;
    }

    method: toggle (void;)
    {
        _active = !_active;
        writeSetting("Tools", "show_" + _modeName, SettingsValue.Bool(_active));

        if (_active)
        {
            activateMode(_modeName);
        }
        else
        {
            deactivateMode(_modeName);
            updateMargins(false);
        }

        redraw();
        sendInternalEvent("mode-toggled", "%s|%s" % (_modeName, _active), "Mode");
    }

    documentation: "Claim the margin this widget is in, or give it back on every device."
    method: updateMargins (void; bool activated)
    {
        if (_whichMargin == -1) return;

        if (activated)
        {
            let m = margins(),
                needed = requiredMarginValue();

            if (m[_whichMargin] < needed)
            {
                m[_whichMargin] = needed;
                setMargins(m);
            }
        }
        else
        {
            Vec4 m = Vec4(-1, -1, -1, -1);
            m[_whichMargin] = 0;
            setMargins(m);
            setMargins(m, true);
        }
    }

    method: updateBounds (void; Vec2 minp, Vec2 maxp)
    {
        _x = minp.x;
        _y = minp.y;
        _w = maxp.x - minp.x;
        _h = maxp.y - minp.y;

        if (isModeActive(_modeName) && !_dragging)
        {
            setEventTableBBox(_modeName, "global", minp, maxp);
            updateMargins(true);
        }
    }

    method: contains (bool; Vec2 p)
    {
        return p.x >= _x && p.x <= _x + _w && p.y >= _y && p.y <= _y + _h;
    }

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
        stepWraps = !stepWraps;
        writeSetting("Controls", "stepWraps", SettingsValue.Bool(stepWraps));
    }

    method: toggleScrubClamps (void;)
    {
        scrubClamps = !scrubClamps;
        writeSetting("Controls", "scrubClamps", SettingsValue.Bool(scrubClamps));
    }

    documentation: "Forget everything that speaks against quitting."
    method: clearQuitMessages (void;) { quitConfirmMessages.clear(); }

    documentation: "The latest reason not to quit, or nil."
    method: getQuitMessage (string;)
    {
        if (quitConfirmMessages.size() > 0) return quitConfirmMessages.back()._1;
        else return nil;
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
    if (widget._whichMargin != -1) return;

    widget._dragging = true;
    let here = event.pointer(),
        way = here - widget._downPoint;

    if (!widget._inCloseArea)
    {
        widget._x += way.x;
        widget._y += way.y;
    }

    widget._downPoint = here;
    redraw();
}

\: _nearClosing (bool; Event event)
{
    State state = data();
    let corner = vec2f(0, event.subDomain().y);
    mag(event.relativePointer() - corner) < state.config.bevelMargin;
}

\: move (void; Widget widget, Event event)
{
    widget._dragging = false;
    let near = _nearClosing(event);

    if (near != widget._inCloseArea) redraw();
    widget._inCloseArea = near;
    widget._containsPointer = widget.contains(event.pointer());
    if (!widget._containsPointer) widget._inCloseArea = false;
    event.reject();
}

\: release (void; Widget widget, Event event, (void;) closeFunc)
{
    widget._dragging = false;
    let p = event.pointer();

    if (widget._buttons neq nil)
    {
        for_each (b; widget._buttons)
        {
            if (b._callback neq nil && b.inside(p.x, p.y))
            {
                b._callback(event);
                return;
            }
        }
    }

    if (_nearClosing(event))
    {
        if (closeFunc neq nil) closeFunc();
        else if (widget._active) widget.toggle();
        widget._inCloseArea = false;
    }

    storeDownPoint(widget, event);
}
}
