//! Windows: a window that is never seen, to which the system sends that the session was locked and that the machine
//! woke; and a call of its own for networks.
#![expect(unsafe_code, reason = "system calls")]

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use deskbell_desk::{DeskHandle, DeskRequest};
use windows_sys::Win32::Foundation::{HWND, LPARAM, LRESULT, WPARAM};
use windows_sys::Win32::NetworkManagement::IpHelper::{
    MIB_NOTIFICATION_TYPE, MIB_UNICASTIPADDRESS_ROW, NotifyUnicastIpAddressChange,
};
use windows_sys::Win32::Networking::WinSock::AF_UNSPEC;
use windows_sys::Win32::System::LibraryLoader::GetModuleHandleW;
use windows_sys::Win32::System::Power::RegisterSuspendResumeNotification;
use windows_sys::Win32::System::RemoteDesktop::{NOTIFY_FOR_THIS_SESSION, WTSRegisterSessionNotification};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    CreateWindowExW, DEVICE_NOTIFY_WINDOW_HANDLE, DefWindowProcW, DispatchMessageW, GWLP_USERDATA,
    GetMessageW, GetWindowLongPtrW, HWND_MESSAGE, MSG, PBT_APMRESUMEAUTOMATIC, RegisterClassW,
    SetWindowLongPtrW, WM_POWERBROADCAST, WM_WTSSESSION_CHANGE, WNDCLASSW, WTS_SESSION_LOCK,
    WTS_SESSION_UNLOCK,
};
use windows_sys::w;

/// Tells `desk` from now on.
pub(crate) fn watch(desk: DeskHandle) {
    // Whoever the system calls back may be called until the process ends, and so the handle must live as long.
    let desk: &'static DeskHandle = Box::leak(Box::new(desk));
    watch_networks(desk);
    // The system sends to the thread that made the window; this one sleeps until it does.
    let listening = std::thread::Builder::new()
        .name("machine".to_owned())
        .spawn(move || listen(desk));
    if let Err(error) = listening {
        tracing::warn!(%error, "sleep and lock go unnoticed");
    }
}

fn watch_networks(desk: &'static DeskHandle) {
    let mut subscription = null_mut();
    // SAFETY: the context outlives the process's last call, and the subscription is written before the call returns.
    let error = unsafe {
        NotifyUnicastIpAddressChange(
            AF_UNSPEC,
            Some(network_changed),
            std::ptr::from_ref(desk).cast(),
            false,
            &raw mut subscription,
        )
    };
    if error != 0 {
        tracing::warn!(error, "changes of the network go unnoticed");
    }
}

unsafe extern "system" fn network_changed(
    desk: *const c_void,
    _address: *const MIB_UNICASTIPADDRESS_ROW,
    _change: MIB_NOTIFICATION_TYPE,
) {
    // SAFETY: it is what `watch_networks` has passed, and lives for ever.
    let desk = unsafe { &*desk.cast::<DeskHandle>() };
    crate::ask(desk, DeskRequest::Woke);
}

fn listen(desk: &'static DeskHandle) {
    // SAFETY: the class's name is a text that ends in a zero and lives for ever; the window is made of that class, belongs
    // to this thread, and gets its user data before it is registered for anything that reads them.
    unsafe {
        let program = GetModuleHandleW(null());
        let class = WNDCLASSW {
            lpfnWndProc: Some(told),
            hInstance: program,
            lpszClassName: w!("DeskbellMachine"),
            ..WNDCLASSW::default()
        };
        RegisterClassW(&raw const class);
        let window = CreateWindowExW(
            0,
            class.lpszClassName,
            null(),
            0,
            0,
            0,
            0,
            0,
            HWND_MESSAGE,
            null_mut(),
            program,
            null(),
        );
        if window.is_null() {
            tracing::warn!("sleep and lock go unnoticed");
            return;
        }
        SetWindowLongPtrW(window, GWLP_USERDATA, std::ptr::from_ref(desk) as isize);
        if WTSRegisterSessionNotification(window, NOTIFY_FOR_THIS_SESSION) == 0 {
            tracing::warn!("that the session is locked goes unnoticed");
        }
        if RegisterSuspendResumeNotification(window, DEVICE_NOTIFY_WINDOW_HANDLE) == 0 {
            tracing::warn!("that the machine wakes goes unnoticed");
        }
        let mut message = MSG::default();
        while GetMessageW(&raw mut message, null_mut(), 0, 0) > 0 {
            DispatchMessageW(&raw const message);
        }
    }
}

unsafe extern "system" fn told(window: HWND, message: u32, what: WPARAM, more: LPARAM) -> LRESULT {
    let what_happened = u32::try_from(what).unwrap_or(0);
    let request = match (message, what_happened) {
        (WM_POWERBROADCAST, PBT_APMRESUMEAUTOMATIC) => Some(DeskRequest::Woke),
        (WM_WTSSESSION_CHANGE, WTS_SESSION_LOCK) => Some(DeskRequest::SessionLocked(true)),
        (WM_WTSSESSION_CHANGE, WTS_SESSION_UNLOCK) => Some(DeskRequest::SessionLocked(false)),
        _ => None,
    };
    // SAFETY: the system calls with a window of ours; its user data are null or a handle that lives for ever.
    unsafe {
        let desk = GetWindowLongPtrW(window, GWLP_USERDATA) as *const DeskHandle;
        if let (Some(request), Some(desk)) = (request, desk.as_ref()) {
            crate::ask(desk, request);
        }
        DefWindowProcW(window, message, what, more)
    }
}
