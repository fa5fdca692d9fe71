import { describe, expect, test, vi } from 'vitest';
import { Speech } from './speech.svelte';

const speech = (language: 'ko' | 'en', timezone = 'Asia/Seoul'): Speech =>
  new Speech(
    () => language,
    () => timezone,
  );

test('dates carry their weekday', () => {
  expect(speech('ko').fullDate('2026-11-22')).toBe('2026년 11월 22일 일요일');
  expect(speech('ko').shortDate('2026-11-22')).toBe('11월 22일 (일)');
  expect(speech('en').fullDate('2026-11-22')).toMatch(/Sunday.*22 November 2026/);
});

test('instants are told in the hospital’s zone', () => {
  const instant = '2026-11-21T15:05:00Z';
  expect(speech('ko').dateTime(instant)).toBe('11월 22일 (일) 00:05');
  expect(speech('ko', 'UTC').clockTime(instant)).toBe('15:05');
});

test('the date of an instant is the hospital’s', () => {
  expect(speech('ko').dateOf('2026-11-21T14:59:59Z')).toBe('2026-11-21');
  expect(speech('en').dateOf('2026-11-21T15:00:00Z')).toBe('2026-11-22');
  expect(speech('ko', 'Asia/Kathmandu').dateOf('2026-11-21T18:14:00Z')).toBe('2026-11-21');
  expect(speech('ko', 'Asia/Kathmandu').dateOf('2026-11-21T18:15:00Z')).toBe('2026-11-22');
});

test('the date of an instant does not hang on how a system writes dates', () => {
  // The type library takes the getter for a method.
  const formats: { readonly format: unknown } = Intl.DateTimeFormat.prototype;
  // As WebKitGTK on Debian 12 does.
  const written = vi.spyOn(formats, 'format', 'get').mockReturnValue(() => '11/21/2026');
  const date = speech('ko').dateOf('2026-11-21T14:59:59Z');
  written.mockRestore();
  expect(date).toBe('2026-11-21');
});

test('a zone nobody knows does not stop the page', () => {
  expect(speech('ko', 'Moon/Tranquility').clockTime('2026-11-21T15:05:00Z')).toMatch(/^\d\d:\d\d$/);
});

describe('elapsed time', () => {
  const since = '2026-11-22T00:00:00Z';
  const after = (minutes: number): number => Date.parse(since) + minutes * 60_000;

  test.each([
    [0.9, '1분 미만', 'under 1 min'],
    [2.99, '2분', '2 min'],
    [60, '1시간', '1 h'],
    [125, '2시간 5분', '2 h 5 min'],
    [24 * 60, '1일', '1 day'],
    [49 * 60, '2일', '2 days'],
  ])('%d minutes', (minutes, ko, en) => {
    expect(speech('ko').elapsed(since, after(minutes))).toBe(ko);
    expect(speech('en').elapsed(since, after(minutes))).toBe(en);
  });

  test('a clock set back counts as no time', () => {
    expect(speech('ko').elapsed(since, after(-30))).toBe('1분 미만');
  });
});
