// Modes of packages: Mu and Python files of the module paths that have a createMode() function.
//
// RV's packages are listed in files "rvload2" in the folders of MU_MODULE_PATH. A player knows
// those modes, and loads one when somebody asks for it: by the flags ModeManagerLoad and
// ModeManagerPreload, by extra_commands.activatePackageModeEntry, or by the event
// mode-manager-toggle-mode.

module: mode_manager {
use rvtypes;
use commands;
use python;
use io;
require system;
require runtime;
require app_utils;

\: interfaceState (State;)
{
    State state = data();
    state;
}

// The functions of rv.rvui stand between Mu and Python modes: no attribute is read directly.

\: uiFunction (PyObject; string name) { PyObject_GetAttr(PyImport_Import("rv.rvui"), name); }
\: truth (bool; PyObject question, PyObject about) { to_bool(PyObject_CallObject(question, about)); }

documentation: "A mode that Python code made.";
class: PyMinorMode : MinorMode
{
    PyObject _pymode;
    PyObject _activeFunc;
    PyObject _activateFunc;
    PyObject _deactivateFunc;
    PyObject _renderFunc;
    PyObject _layoutFunc;

    method: isActive (bool;)
    {
        // Python may have switched its mode itself since the last look
        _active = truth(_activeFunc, _pymode);
    }

    method: activate (void;) { PyObject_CallObject(_activateFunc, _pymode); }
    method: deactivate (void;) { PyObject_CallObject(_deactivateFunc, _pymode); }
    method: layout (void; Event event) { PyObject_CallObject(_layoutFunc, event); }
    method: render (void; Event event) { PyObject_CallObject(_renderFunc, event); }

    method: PyMinorMode (PyMinorMode; PyObject obj)
    {
        _pymode = obj;
        _modeName = to_string(PyObject_CallObject(uiFunction("modeName"), obj));
        _drawOnEmpty = truth(uiFunction("modeDrawOnEmpty"), obj);
        _drawOnPresentation = truth(uiFunction("modeDrawOnPresentation"), obj);
        _activeFunc = uiFunction("modeActive");
        _activateFunc = uiFunction("modeActivate");
        _deactivateFunc = uiFunction("modeDeactivate");
        _layoutFunc = PyObject_GetAttr(obj, "layout");
        _renderFunc = PyObject_GetAttr(obj, "render");
        isActive();
    }
}

documentation: "The lines of a file that have text.";
\: linesOf (string[]; string filename)
{
    let listing = ifstream(filename),
        text = read_all(listing);
    listing.close();
    text.split("\n\r");
}

documentation: "MAJOR and MINOR of a package NAME-MAJOR.MINOR; 1 and 0 where it has none.";
\: versionOf ((int, int); string name)
{
    let version = (1, 0);

    try
    {
        let numbers = name.split("-")[1].split(".");
        version = (int(numbers[0]), 0);
        version = (version._0, int(numbers[1]));
    }
    catch (...) {;}

    version;
}

\: complaint (string; string verb, string what, exception why)
{
    "unable to %s \"%s\" : %s" % (verb, what, why);
}

documentation: "Tell why a Python module gives no mode.";
\: noPythonMode (PyMinorMode; string name, string why)
{
    print("ERROR: python module %s %s\n" % (name, why));
    nil;
}

\: muMode (Mode; string name)
{
    (Mode;) make = runtime.lookup_function(runtime.intern_name(name + ".createMode"));
    make();
}

class: ModeManagerMode : MinorMode
{
    class: Package
    {
        string file;
        string name;
        string base;
        int major;
        int minor;
        Package existing;
    }

    class: ModeEntry
    {
        string name;
        Package pkg;
        string menu;
        string accel;
        string event;
        bool loaded;
        bool active;
        bool optload;
        string[] requiresModes;
        string baseDir;
        Mode mode;
    }

    [ModeEntry] _modes;
    Package[] _packages;
    bool _verbose;
    bool _scanned;

    method: showInfo (void; string msg) { if (_verbose) print("INFO: %s\n" % msg); }
    method: showWarning (void; string msg) { print("WARNING: %s\n" % msg); }

    \: firstThat (Package; Package[] packages, (bool;Package) fits)
    {
        for_each (package; packages) if (fits(package)) return package;
        return nil;
    }

    \: named (ModeEntry; [ModeEntry] entries, string name)
    {
        for_each (entry; entries) if (entry.name == name) return entry;
        return nil;
    }

    \: isOn (bool; ModeEntry entry)
    {
        entry neq nil && entry.mode neq nil && entry.mode.isActive();
    }

    \: orNil (string; string s) { if s == "nil" then nil else s; }

    method: findPackage (Package; string name)
    {
        firstThat(_packages, \: (bool; Package one) { one.file == name; });
    }

    method: findPackageByBase (Package; string name)
    {
        firstThat(_packages, \: (bool; Package one) { one.base == name; });
    }

    documentation: "A package by its file, NAME-MAJOR.MINOR.rvpkg.";
    method: findOrAddPackage (Package; string file)
    {
        let known = findPackage(file);
        if (known neq nil) return known;

        let name = path.without_extension(file),
            base = name.split("-").front(),
            (major, minor) = versionOf(name),
            added = Package(file, name, base, major, minor, findPackageByBase(base));
        _packages.push_back(added);
        return added;
    }

    method: addModeEntry (ModeEntry;
                          string name,
                          Package pkg,
                          string menu,
                          string accel,
                          string event,
                          bool loaded,
                          bool active,
                          bool optload,
                          string[] requiredModes,
                          string baseDir)
    {
        _modes = ModeEntry(name, pkg, menu, accel, event, loaded, active, optload, requiredModes,
                           baseDir, nil) : _modes;
        head(_modes);
    }

    documentation: "Know the mode of one line; the first to list a name has it.";
    method: addListed (void; string line, int version, string folder)
    {
        let fields = line.split(",");
        if (fields.size() < 7 || fields[0] == "#" || named(_modes, fields[0]) neq nil) return;

        // each version of the format put one more field before the needed modes
        string[] needed;
        for (int i = 6 + version; i < fields.size(); i++) needed.push_back(fields[i]);
        let optional = version >= 3 && fields.size() >= 9 && bool(fields[8]);

        addModeEntry(fields[0], findOrAddPackage(fields[1]), orNil(fields[2]), orNil(fields[3]),
                     orNil(fields[4]), false, false, optional, needed, folder);
    }

    documentation: "Know the modes that a file rvload2 lists.";
    method: loadModesFromFile (void; string filename)
    {
        let lines = linesOf(filename);
        if (lines.empty()) return;

        let version = int(lines.front()),
            folder = path.dirname(path.dirname(filename));

        if (version >= 0 && version <= 4)
        {
            for_index (i; lines) if (i > 0) addListed(lines[i], version, folder);
        }
        else
        {
            print("ERROR: Can't parse version %s mode file\nERROR: No modes loaded\n"
                  % lines.front());
        }
    }

    documentation: "Look for rvload2 in the folders of MU_MODULE_PATH, once.";
    method: scan (void;)
    {
        if (_scanned) return;
        _scanned = true;

        for_each (folder; system.getenv("MU_MODULE_PATH", "").split(path.concat_separator()))
        {
            for_each (name; ["rvload", "rvload2"])
            {
                let listing = path.join(folder, name);
                if (!path.exists(listing)) continue;

                try { loadModesFromFile(listing); }
                catch (exception exc)
                {
                    print("ERROR: %s\n" % complaint("read", listing, exc));
                }
            }
        }
    }

    method: findModeEntry (ModeEntry; string name)
    {
        scan();
        named(_modes, name);
    }

    method: loadPythonEntry (PyMinorMode; ModeEntry entry)
    {
        let source = PyImport_Import(path.without_extension(entry.name));
        if (is_nil(source)) return noPythonMode(entry.name, "could not be imported");

        let make = PyObject_GetAttr(source, "createMode");

        if (is_nil(make) || !PyFunction_Check(make))
        {
            return noPythonMode(PyModule_GetName(source), "has no createMode() function");
        }

        let made = PyObject_CallObject(make, PyTuple_New(0));
        return if is_nil(made) then nil else PyMinorMode(made);
    }

    documentation: "The mode of an entry's module, in Mu or else in Python.";
    method: newMode (Mode; ModeEntry entry)
    {
        if (runtime.load_module(entry.name)) return muMode(entry.name);

        let made = loadPythonEntry(entry);
        if (made eq nil) throw exception("failed in runtime.load_module");
        return made;
    }

    documentation: "Load a mode, and those it needs before.";
    method: loadEntry (void; ModeEntry entry)
    {
        if (entry.loaded) return;

        for_each (needed; entry.requiresModes)
        {
            let other = findModeEntry(needed),
                missing = "no entry for mode %s required by %s\n" % (needed, entry.name);
            if (other eq nil) throw exception(missing);
            loadEntry(other);
        }

        entry.mode = newMode(entry);
        interfaceState().minorModes.push_back(entry.mode);
        entry.loaded = true;
        showInfo("Loaded \"%s\" from %s" % (entry.name, entry.pkg.name));
    }

    method: activateEntry (void; ModeEntry entry, bool activate)
    {
        try { loadEntry(entry); }
        catch (exception exc) { showWarning(complaint("load", entry.name, exc)); }

        if (entry.mode neq nil && isOn(entry) != activate) entry.mode.toggle();
    }

    method: toggleEntry (void; ModeEntry entry) { activateEntry(entry, !isOn(entry)); }

    documentation: "Switch an entry's mode, and give it; nil when there is no entry.";
    method: switched (Mode; ModeEntry entry, bool on)
    {
        if (entry eq nil) return nil;
        activateEntry(entry, on);
        return entry.mode;
    }

    documentation: "Switch a mode on or off; nil when there is none of that name.";
    method: activateMode (Mode; string name, bool activate)
    {
        switched(findModeEntry(name), activate);
    }

    method: toggleModeByName (Mode; string name)
    {
        let found = findModeEntry(name);
        switched(found, !isOn(found));
    }

    documentation: "Load and switch on whatever file of a mode's name there is.";
    method: forceMode (Mode; string name)
    {
        let known = findModeEntry(name);
        if (known neq nil) return switched(known, true);

        let unlisted = findOrAddPackage("nopackage");
        return switched(addModeEntry(name, unlisted, nil, nil, nil, false, false, false,
                                     string[](), nil), true);
    }

    // The manager only listens: every event goes on to other modes.

    method: deactivateAll (void; Event event)
    {
        event.reject();
        for_each (entry; _modes) if (isOn(entry)) activateEntry(entry, false);
    }

    method: toggleModeEvent (void; Event event)
    {
        event.reject();
        toggleModeByName(event.contents());
    }

    documentation: "RVSequence is edited by the mode Sequence_edit_mode, when there is one.";
    method: viewChange (void; Event event, bool on)
    {
        event.reject();
        let kind = nodeType(viewNode());
        if (kind eq nil || kind.contains("RV") != 0) return;

        let editor = findModeEntry(kind.substr(2, 0) + "_edit_mode");
        if (editor eq nil) return;
        activateEntry(editor, on);
        if (on) sendInternalEvent("view-edit-mode-activated");
    }

    documentation: "Take part in the session's events, after every other mode.";
    method: start (void;)
    {
        let left = viewChange(,false),
            entered = viewChange(,true),
            listened = [
                ("mode-manager-toggle-mode", toggleModeEvent, "Internal event to toggle a mode"),
                ("before-session-deletion", deactivateAll, "Deactivate all modes before deletion"),
                ("before-graph-view-change", left, "Deactivate mode when view changes"),
                ("after-graph-view-change", entered, "Activate mode when view changes")];
        init("ModeManager", nil, listened, nil, "zzzzzz", 100);
        if (!isActive()) toggle();
    }

    method: ModeManagerMode (ModeManagerMode;)
    {
        _modeName = "ModeManager";
        _verbose = commandLineFlag("ModeManagerVerbose", "false") == "true";
        _packages = Package[]();
    }
}

\: manager (ModeManagerMode;)
{
    ModeManagerMode found = interfaceState().modeManager;
    found;
}

\: activate (Mode; string name, bool on) { manager().activateMode(name, on); }

documentation: "Start the manager and load the modes that the flags name.";
\: loadFlagged (void;)
{
    let m = manager(),
        rejected = commandLineFlag("ModeManagerReject", "").split(",");
    m.start();

    for_each (flag; ["ModeManagerPreload", "ModeManagerLoad"])
    {
        for_each (name; commandLineFlag(flag, "").split(","))
        {
            bool wanted = name != "";
            for_each (r; rejected) if (r == name) wanted = false;
            if (wanted) m.forceMode(name);
        }
    }
}
}
