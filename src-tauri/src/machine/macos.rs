//! macOS: notifications of the workspace and of the login window, and the dynamic store for networks.
#![expect(
    unsafe_code,
    reason = "an observer's block is sendable, which the compiler cannot see"
)]

use std::ptr::NonNull;

use block2::RcBlock;
use deskbell_desk::{DeskHandle, DeskRequest};
use objc2_app_kit::{NSWorkspace, NSWorkspaceDidWakeNotification};
use objc2_foundation::{
    NSDistributedNotificationCenter, NSNotification, NSNotificationCenter, NSNotificationName, NSString,
};
use system_configuration::core_foundation::array::CFArray;
use system_configuration::core_foundation::runloop::{CFRunLoop, kCFRunLoopDefaultMode};
use system_configuration::core_foundation::string::CFString;
use system_configuration::dynamic_store::{
    SCDynamicStore, SCDynamicStoreBuilder, SCDynamicStoreCallBackContext,
};

/// Tells `desk` from now on.
pub(crate) fn watch(desk: DeskHandle) {
    // SAFETY: the name is a constant of the framework.
    let woke = unsafe { NSWorkspaceDidWakeNotification };
    let workspace = NSWorkspace::sharedWorkspace().notificationCenter();
    observe(&workspace, woke, &desk, || DeskRequest::Woke);
    let login_window = NSDistributedNotificationCenter::defaultCenter();
    let locked = NSString::from_str("com.apple.screenIsLocked");
    observe(&login_window, &locked, &desk, || DeskRequest::SessionLocked(true));
    let unlocked = NSString::from_str("com.apple.screenIsUnlocked");
    observe(&login_window, &unlocked, &desk, || {
        DeskRequest::SessionLocked(false)
    });
    // The store calls back on the loop of the thread that asked; this one sleeps until it does.
    let listening = std::thread::Builder::new()
        .name("network".to_owned())
        .spawn(move || watch_networks(desk));
    if let Err(error) = listening {
        tracing::warn!(%error, "changes of the network go unnoticed");
    }
}

fn observe(
    center: &NSNotificationCenter,
    name: &NSNotificationName,
    desk: &DeskHandle,
    request: impl Fn() -> DeskRequest + 'static,
) {
    let desk = desk.clone();
    let block = RcBlock::new(move |_: NonNull<NSNotification>| crate::ask(&desk, request()));
    // SAFETY: without a queue the block is called on the thread that posts; it holds nothing but a channel's sender, and
    // a function without state.
    let observer =
        unsafe { center.addObserverForName_object_queue_usingBlock(Some(name), None, None, &block) };
    // The center keeps it until it is taken back, which the end of the app does.
    std::mem::forget(observer);
}

fn watch_networks(desk: DeskHandle) {
    let context = SCDynamicStoreCallBackContext {
        callout: changed,
        info: desk,
    };
    let store = SCDynamicStoreBuilder::new("Deskbell")
        .callback_context(context)
        .build();
    let Some((store, source)) = store.and_then(|store| {
        let source = store.create_run_loop_source()?;
        Some((store, source))
    }) else {
        tracing::warn!("changes of the network go unnoticed");
        return;
    };
    let keys = CFArray::from_CFTypes(&[
        CFString::new("State:/Network/Global/IPv4"),
        CFString::new("State:/Network/Global/IPv6"),
    ]);
    let no_patterns: CFArray<CFString> = CFArray::from_CFTypes(&[]);
    if !store.set_notification_keys(&keys, &no_patterns) {
        tracing::warn!("changes of the network go unnoticed");
        return;
    }
    let run_loop = CFRunLoop::get_current();
    // SAFETY: the mode's name is a constant of the framework.
    run_loop.add_source(&source, unsafe { kCFRunLoopDefaultMode });
    CFRunLoop::run_current();
}

fn changed(_store: SCDynamicStore, _keys: CFArray<CFString>, desk: &mut DeskHandle) {
    crate::ask(desk, DeskRequest::Woke);
}
