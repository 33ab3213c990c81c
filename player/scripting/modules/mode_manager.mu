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

documentation: "A mode that Python code made.";
class: PyMinorMode : MinorMode
{
    PyObject _pymode;
    PyObject _activeFunc;
    PyObject _activateFunc;
    PyObject _deactivateFunc;
    PyObject _renderFunc;
    PyObject _layoutFunc;

    method: PyMinorMode (PyMinorMode; PyObject obj)
    {
        let ui = PyImport_Import("rv.rvui");
        _pymode = obj;
        _drawOnEmpty = to_bool(PyObject_CallObject(PyObject_GetAttr(ui, "modeDrawOnEmpty"), obj));
        _drawOnPresentation =
            to_bool(PyObject_CallObject(PyObject_GetAttr(ui, "modeDrawOnPresentation"), obj));
        _modeName = to_string(PyObject_CallObject(PyObject_GetAttr(ui, "modeName"), obj));
        _activeFunc = PyObject_GetAttr(ui, "modeActive");
        _activateFunc = PyObject_GetAttr(ui, "modeActivate");
        _deactivateFunc = PyObject_GetAttr(ui, "modeDeactivate");
        _renderFunc = PyObject_GetAttr(obj, "render");
        _layoutFunc = PyObject_GetAttr(obj, "layout");
        _active = to_bool(PyObject_CallObject(_activeFunc, obj));
    }

    method: isActive (bool;)
    {
        _active = to_bool(PyObject_CallObject(_activeFunc, _pymode));
        return _active;
    }

    method: activate (void;) { PyObject_CallObject(_activateFunc, _pymode); }
    method: deactivate (void;) { PyObject_CallObject(_deactivateFunc, _pymode); }
    method: layout (void; Event event) { PyObject_CallObject(_layoutFunc, event); }
    method: render (void; Event event) { PyObject_CallObject(_renderFunc, event); }
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

    method: findPackage (Package; string name)
    {
        for_each (p; _packages) if (p.file == name) return p;
        return nil;
    }

    method: findPackageByBase (Package; string name)
    {
        for_each (p; _packages) if (p.base == name) return p;
        return nil;
    }

    documentation: "A package by its file, NAME-MAJOR.MINOR.rvpkg.";
    method: findOrAddPackage (Package; string file)
    {
        let known = findPackage(file);
        if (known neq nil) return known;

        let name = path.without_extension(file),
            base = name.split("-").front();
        int major = 1;
        int minor = 0;

        try
        {
            let numbers = name.split("-")[1].split(".");
            major = int(numbers[0]);
            minor = int(numbers[1]);
        }
        catch (...) {;}

        _packages.push_back(Package(file, name, base, major, minor, findPackageByBase(base)));
        return _packages.back();
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
        let entry = ModeEntry(name, pkg, menu, accel, event, loaded, active, optload,
                              requiredModes, baseDir, nil);
        _modes = entry : _modes;
        entry;
    }

    \: orNil (string; string s) { if s == "nil" then nil else s; }

    documentation: "Know the modes that a file rvload2 lists.";
    method: loadModesFromFile (void; string filename)
    {
        let infile = ifstream(filename),
            lines = read_all(infile).split("\n\r"),
            folder = path.dirname(path.dirname(filename));
        infile.close();
        if (lines.empty()) return;

        let version = int(lines.front());

        if (version < 0 || version > 4)
        {
            print("ERROR: Can't parse version %s mode file\n" % lines.front());
            print("ERROR: No modes loaded\n");
            return;
        }

        for (int i = 1; i < lines.size(); i++)
        {
            let parts = lines[i].split(",");
            if (parts.size() < 7 || parts[0] == "#") continue;
            bool known = false;
            for_each (m; _modes) if (m.name == parts[0]) known = true;
            if (known) continue;

            string[] required;
            for (int k = 6 + version; k < parts.size(); k++) required.push_back(parts[k]);

            addModeEntry(parts[0], findOrAddPackage(parts[1]), orNil(parts[2]), orNil(parts[3]),
                         orNil(parts[4]), false, false,
                         version >= 3 && parts.size() >= 9 && bool(parts[8]), required, folder);
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
                let file = path.join(folder, name);

                try
                {
                    if (path.exists(file)) loadModesFromFile(file);
                }
                catch (exception exc)
                {
                    print("ERROR: unable to read \"%s\" : %s\n" % (file, exc));
                }
            }
        }
    }

    method: findModeEntry (ModeEntry; string name)
    {
        scan();
        for_each (entry; _modes) if (entry.name == name) return entry;
        return nil;
    }

    method: loadPythonEntry (PyMinorMode; ModeEntry entry)
    {
        let pymodule = PyImport_Import(path.without_extension(entry.name));

        if (is_nil(pymodule))
        {
            print("ERROR: python module %s could not be imported\n" % entry.name);
            return nil;
        }

        let make = PyObject_GetAttr(pymodule, "createMode");

        if (is_nil(make) || !PyFunction_Check(make))
        {
            print("ERROR: python module %s has no createMode() function\n"
                  % PyModule_GetName(pymodule));
            return nil;
        }

        let pymode = PyObject_CallObject(make, PyTuple_New(0));
        return if is_nil(pymode) then nil else PyMinorMode(pymode);
    }

    documentation: "Load a mode, and those it needs before.";
    method: loadEntry (void; ModeEntry entry)
    {
        if (entry.loaded) return;
        State state = data();

        for_each (needed; entry.requiresModes)
        {
            let other = findModeEntry(needed);

            if (other eq nil)
            {
                throw exception("no entry for mode %s required by %s\n" % (needed, entry.name));
            }

            loadEntry(other);
        }

        if (runtime.load_module(entry.name))
        {
            let found = runtime.intern_name("%s.createMode" % entry.name);
            (Mode;) make = runtime.lookup_function(found);
            entry.mode = make();
        }
        else
        {
            let pymode = loadPythonEntry(entry);
            if (pymode eq nil) throw exception("failed in runtime.load_module");
            entry.mode = pymode;
        }

        entry.loaded = true;
        state.minorModes.push_back(entry.mode);
        showInfo("Loaded \"%s\" from %s" % (entry.name, entry.pkg.name));
    }

    method: activateEntry (void; ModeEntry entry, bool activate)
    {
        try
        {
            loadEntry(entry);
        }
        catch (exception exc)
        {
            showWarning("unable to load \"%s\" : %s" % (entry.name, exc));
        }

        if (entry.mode neq nil && entry.mode.isActive() != activate) entry.mode.toggle();
    }

    method: toggleEntry (void; ModeEntry entry)
    {
        activateEntry(entry, entry.mode eq nil || !entry.mode.isActive());
    }

    documentation: "Switch a mode on or off; nil when there is none of that name.";
    method: activateMode (Mode; string name, bool activate)
    {
        let entry = findModeEntry(name);
        if (entry eq nil) return nil;
        activateEntry(entry, activate);
        return entry.mode;
    }

    method: toggleModeByName (Mode; string name)
    {
        let entry = findModeEntry(name);
        if (entry eq nil) return nil;
        toggleEntry(entry);
        return entry.mode;
    }

    documentation: "Load and switch on whatever file of a mode's name there is.";
    method: forceMode (Mode; string name)
    {
        let known = findModeEntry(name),
            entry = if known neq nil then known
                    else addModeEntry(name, findOrAddPackage("nopackage"), nil, nil, nil,
                                      false, false, false, string[](), nil);
        activateEntry(entry, true);
        return entry.mode;
    }

    method: deactivateAll (void; Event event)
    {
        event.reject();
        for_each (entry; _modes) if (entry.mode neq nil) activateEntry(entry, false);
    }

    method: toggleModeEvent (void; Event event)
    {
        event.reject();
        toggleModeByName(event.contents());
    }

    method: viewChange (void; Event event, bool on)
    {
        event.reject();
        let kind = nodeType(viewNode());
        if (kind eq nil || kind.contains("RV") != 0) return;
        let entry = findModeEntry(kind.substr(2, 0) + "_edit_mode");

        if (entry neq nil)
        {
            activateEntry(entry, on);
            if (on) sendInternalEvent("view-edit-mode-activated");
        }
    }

    documentation: "Take part in the session's events.";
    method: start (void;)
    {
        init("ModeManager",
             nil,
             [("mode-manager-toggle-mode", toggleModeEvent, "Internal event to toggle a mode"),
              ("before-session-deletion", deactivateAll, "Deactivate all modes before deletion"),
              ("before-graph-view-change", viewChange(,false), "Deactivate mode when view changes"),
              ("after-graph-view-change", viewChange(,true), "Activate mode when view changes")],
             nil,
             "zzzzzz",
             100);
        if (!_active) toggle();
    }

    method: ModeManagerMode (ModeManagerMode;)
    {
        _modeName = "ModeManager";
        _packages = Package[]();
        _verbose = commandLineFlag("ModeManagerVerbose", "false") == "true";
    }
}

\: manager (ModeManagerMode;)
{
    State state = data();
    ModeManagerMode found = state.modeManager;
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
