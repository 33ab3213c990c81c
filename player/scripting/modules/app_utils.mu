// Short forms for packages, beside the registry's: the operator ~, binding lists, menus.

module: app_utils {
use commands;

VoidFunc := (void;);
EventFunc := (void; Event);
BindingList := [(string, EventFunc, string)];
MenuStateFunc := (int;);

documentation: "A handler of a function without event.";
operator: ~ (EventFunc; VoidFunc f) { makeEventFunc(f); }

\: bind (void; string mode, string table, BindingList bindings)
{
    for_each (b; bindings) commands.bind(mode, table, b._0, b._1);
}

\: call_with_gc_api (void; (void; Event) F, int api, Event event) { F(event); }

\: menu_debug (void; string prefix, string text) {;}

documentation: "The key of an event as menus write it; empty for other events.";
\: _eventNameToKeyShortcut (string; string eventName)
{
    if (eventName.contains("key-down--") != 0) return "";

    let key = eventName.replace("key-down--", "").replace(" ", "space");
    for_each (m; ["control", "alt", "shift", "meta", "command"]) key = key.replace(m + "--", m + " ");
    key;
}

\: newMenu (MenuItem[]; MenuItem[] items) { items; }

\: subMenu (MenuItem; string label, MenuItem[] subItems)
{
    MenuItem {label, nil, "", enabledItem, subItems};
}

\: menuSeparator (MenuItem;) { MenuItem {"_", nil}; }
\: menuText (MenuItem; string text) { MenuItem {text, nil, "", disabledItem, nil}; }

documentation: "A menu item, bound to its event, that follows an event category.";
\: menuItem (MenuItem;
             string menuText,
             string eventPattern,
             string category,
             EventFunc func,
             MenuStateFunc stateFunc)
{
    let guarded = makeCategoryEventFunc(category, func),
        state = \: (int;)
        {
            if commands.isEventCategoryEnabled(category) then stateFunc() else DisabledMenuState;
        };

    if (eventPattern != "")
    {
        string label = menuText;
        while (label.contains(" ") == 0) label = label.substr(1, -1);
        commands.bind("default", "global", eventPattern, guarded, label);
    }

    MenuItem {menuText, guarded, _eventNameToKeyShortcut(eventPattern), state, nil};
}
}
